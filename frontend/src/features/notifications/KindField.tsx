import { Input, SegmentedControl } from "@mantine/core";

import type { Channel } from "@/api/types";

export const URL_HINTS = {
  webhook: "A receiver of signed JSON, as https://hooks.example.com/slipway",
  apprise: "Mail or chat in Apprise's form, as mailtos://… or slack://…; its tokens stay here",
} as const;

interface Props {
  value: Channel["kind"];
  onChange: (value: Channel["kind"]) => void;
}

export function KindField({ value, onChange }: Props) {
  return (
    <Input.Wrapper label="Kind" labelElement="div">
      <SegmentedControl
        aria-label="Kind"
        fullWidth
        data={[
          { value: "webhook", label: "Signed webhook" },
          { value: "apprise", label: "Mail or chat" },
        ]}
        value={value}
        onChange={(kind) => onChange(kind === "apprise" ? "apprise" : "webhook")}
      />
    </Input.Wrapper>
  );
}
