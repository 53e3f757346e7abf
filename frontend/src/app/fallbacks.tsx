import { Center, Loader, Stack } from "@mantine/core";
import type { ErrorComponentProps } from "@tanstack/react-router";

import { EmptyState } from "@/components/EmptyState";
import { ErrorNotice } from "@/components/ErrorNotice";
import { LinkButton } from "@/components/links";

export function PagePending() {
  return (
    <Center py={96}>
      <Loader size="sm" aria-label="Loading" />
    </Center>
  );
}

export function RouteError({ error, reset }: ErrorComponentProps) {
  return (
    <Stack p="md" maw={720} mx="auto">
      <ErrorNotice error={error} title="This page could not be shown" onRetry={reset} />
    </Stack>
  );
}

export function NotFound() {
  return (
    <EmptyState title="There is no such page">
      <LinkButton to="/releases" variant="default" mt="xs">
        Go to releases
      </LinkButton>
    </EmptyState>
  );
}
