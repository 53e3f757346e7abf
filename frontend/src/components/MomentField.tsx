import { TextInput } from "@mantine/core";

import { useNow } from "@/lib/useNow";
import { describeZone, fromLocalInput, toLocalInput } from "@/lib/localTime";

interface Props {
  label: string;
  /** As a field for date and time holds it; `fromLocalInput` makes an instant of it. */
  value: string;
  onChange: (value: string) => void;
  error?: string | undefined;
  /** No moment before this one; an ISO time. */
  min?: string;
  required?: boolean;
}

/** A moment on the viewer's own clock, whose zone it names. */
export function MomentField({ value, onChange, min, ...field }: Props) {
  const now = useNow();
  const at = fromLocalInput(value);
  return (
    <TextInput
      type="datetime-local"
      description={`In your time zone: ${describeZone(at ? Date.parse(at) : now)}`}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      min={min && toLocalInput(min)}
      {...field}
    />
  );
}
