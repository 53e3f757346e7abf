import { Skeleton, Stack } from "@mantine/core";

/** The room that rows will take, while they load. */
export function TableSkeleton({ rows = 8 }: { rows?: number }) {
  return (
    <Stack gap={10} p="md" role="status" aria-label="Loading">
      {Array.from({ length: rows }, (_, index) => (
        <Skeleton key={index} height={20} />
      ))}
    </Stack>
  );
}
