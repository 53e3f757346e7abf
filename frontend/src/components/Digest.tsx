import { ActionIcon, CopyButton, Tooltip } from "@mantine/core";

import { shortDigest } from "@/lib/shortDigest";

import classes from "./Digest.module.css";
import { CheckIcon, CopyIcon } from "./icons";

interface Props {
  value: string;
  /** What it is, for the name of the copy button. */
  label: string;
}

/** A long hash in short, whole in the tooltip and on the clipboard. */
export function Digest({ value, label }: Props) {
  return (
    <span className={classes.digest}>
      <Tooltip label={value} multiline maw={420}>
        <code>{shortDigest(value)}</code>
      </Tooltip>
      <CopyButton value={value}>
        {({ copied, copy }) => (
          <ActionIcon
            size="xs"
            variant="subtle"
            color={copied ? "green" : "gray"}
            onClick={copy}
            aria-label={copied ? `Copied ${label}` : `Copy ${label}`}
          >
            {copied ? <CheckIcon size={12} /> : <CopyIcon size={12} />}
          </ActionIcon>
        )}
      </CopyButton>
    </span>
  );
}
