import { Pill } from "@/components/Pill";
import { lookOf } from "@/lib/statuses";

export function StatusPill({ status }: { status: string }) {
  const { color, label, animated } = lookOf(status);
  return (
    <Pill color={color} animated={animated}>
      {label}
    </Pill>
  );
}
