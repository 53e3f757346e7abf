import { Stack, Text } from "@mantine/core";
import type { ReactNode } from "react";

interface Props {
  title: string;
  children?: ReactNode;
}

/** Says that there is nothing here, why, and what to do about it. */
export function EmptyState({ title, children }: Props) {
  return (
    <Stack align="center" gap={6} py={48} px="md">
      <Text fw={600} ta="center">
        {title}
      </Text>
      {children && (
        <Text component="div" c="dimmed" size="sm" ta="center" maw={440}>
          {children}
        </Text>
      )}
    </Stack>
  );
}
