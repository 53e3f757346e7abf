import { Radio, Stack } from "@mantine/core";

import type { Release } from "@/api/types";

import { readStrategy, STRATEGIES } from "./strategies";

interface Props {
  runtime: Release["runtime_type"];
  value: Release["strategy"];
  onChange: (strategy: Release["strategy"]) => void;
  error: string | undefined;
}

export function StrategyField({ runtime, value, onChange, error }: Props) {
  return (
    <Radio.Group
      label="Strategy"
      value={value}
      onChange={(chosen) => onChange(readStrategy(chosen))}
      error={error}
    >
      <Stack gap={8} mt={6}>
        {(["rolling", "recreate"] as const).map((strategy) => (
          <Radio
            key={strategy}
            value={strategy}
            label={STRATEGIES[strategy].label}
            description={STRATEGIES[strategy][runtime]}
          />
        ))}
      </Stack>
    </Radio.Group>
  );
}
