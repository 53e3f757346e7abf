import { SegmentedControl, SimpleGrid } from "@mantine/core";

import { MomentField } from "@/components/MomentField";

import type { FreezeFields } from "./freezeForm";
import { WeeklyWindows } from "./WeeklyWindows";

interface Props {
  fields: FreezeFields;
  errors: Record<string, string>;
  onChange: (part: Partial<FreezeFields>) => void;
}

/** Once, from one moment to another; or every week. */
export function FreezeTimes({ fields, errors, onChange }: Props) {
  return (
    <>
      <SegmentedControl
        aria-label="How often"
        data={[
          { value: "once", label: "Once" },
          { value: "weekly", label: "Every week" },
        ]}
        value={fields.kind}
        onChange={(kind) => onChange({ kind: kind === "weekly" ? "weekly" : "once" })}
      />
      {fields.kind === "once" ? (
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          <MomentField
            label="Starts"
            value={fields.startsAt}
            onChange={(startsAt) => onChange({ startsAt })}
            error={errors.starts_at}
            required
          />
          <MomentField
            label="Ends"
            value={fields.endsAt}
            onChange={(endsAt) => onChange({ endsAt })}
            error={errors.ends_at ?? errors.weekly}
            required
          />
        </SimpleGrid>
      ) : (
        <WeeklyWindows
          windows={fields.weekly}
          onChange={(weekly) => onChange({ weekly })}
          error={errors.weekly}
        />
      )}
    </>
  );
}
