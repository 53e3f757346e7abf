import { LIFECYCLE, type LifecycleState } from "@/lib/lifecycle";

import { Pill } from "./Pill";

export function LifecycleBadge({ state }: { state: LifecycleState }) {
  const { label, color, animated } = LIFECYCLE[state];
  return (
    <Pill color={color} animated={animated}>
      {label}
    </Pill>
  );
}
