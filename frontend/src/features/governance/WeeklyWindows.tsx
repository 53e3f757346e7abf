import { Button, Chip, Group, Input, Select, SimpleGrid, Stack, TextInput } from "@mantine/core";

import type { WeeklyWindow } from "@/api/types";
import { PlusIcon } from "@/components/icons";

import { dayLabel, DAYS, newWindow } from "./freezeForm";
import classes from "./WeeklyWindows.module.css";

interface Props {
  windows: WeeklyWindow[];
  onChange: (windows: WeeklyWindow[]) => void;
  error: string | undefined;
}

const ZONES = ["UTC", ...Intl.supportedValuesOf("timeZone").filter((zone) => zone !== "UTC")];

/** Hours of the week, each on the wall clock of its time zone. */
export function WeeklyWindows({ windows, onChange, error }: Props) {
  const replace = (index: number, window: WeeklyWindow) =>
    onChange(windows.map((each, place) => (place === index ? window : each)));
  return (
    <Stack gap="xs">
      {windows.map((window, index) => (
        <Hours
          key={index}
          number={index + 1}
          window={window}
          onChange={(changed) => replace(index, changed)}
          onRemove={
            windows.length > 1
              ? () => onChange(windows.filter((_, place) => place !== index))
              : undefined
          }
        />
      ))}
      {error && <Input.Error>{error}</Input.Error>}
      <Group>
        <Button
          size="compact-sm"
          variant="default"
          leftSection={<PlusIcon size={14} />}
          onClick={() => onChange([...windows, newWindow()])}
        >
          More hours
        </Button>
      </Group>
    </Stack>
  );
}

interface HoursProps {
  number: number;
  window: WeeklyWindow;
  onChange: (window: WeeklyWindow) => void;
  onRemove: (() => void) | undefined;
}

function Hours({ number, window, onChange, onRemove }: HoursProps) {
  const set = (part: Partial<WeeklyWindow>) => onChange({ ...window, ...part });
  return (
    <fieldset className={classes.hours}>
      <legend>Hours {number}</legend>
      <Stack gap="xs">
        <Chip.Group
          multiple
          value={window.days}
          onChange={(days: string[]) => set({ days: DAYS.filter((day) => days.includes(day)) })}
        >
          <Group gap={6} role="group" aria-label="Days">
            {DAYS.map((day) => (
              <Chip key={day} value={day} size="xs">
                {dayLabel(day)}
              </Chip>
            ))}
          </Group>
        </Chip.Group>
        <SimpleGrid cols={{ base: 2, sm: 3 }}>
          <TextInput
            label="From"
            type="time"
            value={window.start}
            onChange={(event) => set({ start: event.currentTarget.value })}
            required
          />
          <TextInput
            label="To"
            description={window.end <= window.start ? "Of the next day" : "Of the same day"}
            inputWrapperOrder={["label", "input", "description", "error"]}
            type="time"
            value={window.end}
            onChange={(event) => set({ end: event.currentTarget.value })}
            required
          />
          <Select
            label="Time zone"
            data={ZONES}
            value={window.time_zone}
            onChange={(zone) => set({ time_zone: zone ?? window.time_zone })}
            nothingFoundMessage="No such time zone"
            limit={60}
            allowDeselect={false}
            searchable
            required
          />
        </SimpleGrid>
        {onRemove && (
          <Group>
            <Button size="compact-xs" variant="default" onClick={onRemove}>
              Remove hours {number}
            </Button>
          </Group>
        )}
      </Stack>
    </fieldset>
  );
}
