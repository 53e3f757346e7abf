import { Tooltip } from "@mantine/core";

import { formatRelative, formatUtc } from "@/lib/time";
import { useNow } from "@/lib/useNow";

/** "3 minutes ago", with the exact UTC time in a tooltip. */
export function RelativeTime({ iso }: { iso: string | null | undefined }) {
  const now = useNow();
  if (!iso) return <>—</>;
  const exact = formatUtc(iso);
  return (
    <Tooltip label={exact}>
      <time dateTime={iso} aria-label={`${formatRelative(iso, now)}, ${exact}`}>
        {formatRelative(iso, now)}
      </time>
    </Tooltip>
  );
}
