import { Text, Tooltip } from "@mantine/core";

import { formatSeconds, formatUtc } from "@/lib/time";
import { useNow } from "@/lib/useNow";

interface Props {
  until: string;
  /** What follows the remaining time, as in "expires in 4m 05s". */
  prefix?: string;
  expired?: string;
}

const URGENT_SECONDS = 300;

/** Time left until an instant, counting down by the second. */
export function Countdown({ until, prefix = "expires in", expired = "expired" }: Props) {
  const left = (Date.parse(until) - useNow("second")) / 1000;
  const color =
    left <= 0 ? "var(--mantine-color-error)" : left < URGENT_SECONDS ? "orange" : "dimmed";
  return (
    <Tooltip label={formatUtc(until)}>
      <Text
        span
        size="xs"
        c={color}
        style={{ fontVariantNumeric: "tabular-nums", whiteSpace: "nowrap" }}
      >
        {left <= 0 ? expired : `${prefix} ${formatSeconds(left)}`}
      </Text>
    </Tooltip>
  );
}
