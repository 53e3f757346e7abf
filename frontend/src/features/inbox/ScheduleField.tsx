import { Checkbox, Stack } from "@mantine/core";

import { MomentField } from "@/components/MomentField";

export interface Schedule {
  wanted: boolean;
  /** As the field holds it. */
  moment: string;
  missing: boolean;
}

export const UNSCHEDULED: Schedule = { wanted: false, moment: "", missing: false };

interface Props {
  value: Schedule;
  onChange: (value: Schedule) => void;
  error: string | undefined;
}

/** Whether the change starts as soon as it is approved, or not before a chosen moment. */
export function ScheduleField({ value, onChange, error }: Props) {
  return (
    <Stack gap="xs">
      <Checkbox
        label="Start later"
        checked={value.wanted}
        onChange={(event) =>
          onChange({ ...value, wanted: event.currentTarget.checked, missing: false })
        }
      />
      {value.wanted && (
        <MomentField
          label="Not before"
          value={value.moment}
          onChange={(moment) => onChange({ ...value, moment, missing: false })}
          error={value.missing ? "Choose a day and a time." : error}
          required
        />
      )}
    </Stack>
  );
}
