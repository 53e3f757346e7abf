import { Anchor, type AnchorProps, Button, type ButtonProps } from "@mantine/core";
import { createLink } from "@tanstack/react-router";
import type { AnchorHTMLAttributes, Ref } from "react";

type Html<Known> = Omit<AnchorHTMLAttributes<HTMLAnchorElement>, keyof Known> & {
  ref?: Ref<HTMLAnchorElement>;
};

/** Mantine's looks with the router's typed `to`, `params` and `search`. */
export const LinkButton = createLink((props: ButtonProps & Html<ButtonProps>) => (
  <Button component="a" {...props} />
));

export const TextLink = createLink((props: AnchorProps & Html<AnchorProps>) => (
  <Anchor inherit {...props} />
));
