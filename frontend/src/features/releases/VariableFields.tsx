import { Grid, PasswordInput, Text, TextInput } from "@mantine/core";

import type { RevisionVariable } from "@/api/types";
import { Panel } from "@/components/Panel";

interface Props {
  variables: Record<string, RevisionVariable>;
  values: Record<string, string>;
  errors: Record<string, string>;
  onChange: (name: string, value: string) => void;
}

export function VariableFields({ variables, values, errors, onChange }: Props) {
  const names = Object.keys(variables);
  return (
    <Panel title="Variables">
      {names.length === 0 ? (
        <Text size="sm" c="dimmed">
          This revision has no variables.
        </Text>
      ) : (
        <Grid>
          {Object.entries(variables).map(([name, variable]) => (
            <Grid.Col key={name} span={{ base: 12, sm: 6 }}>
              <VariableField
                name={name}
                variable={variable}
                value={values[name] ?? ""}
                error={errors[`variables.${name}`]}
                onChange={(value) => onChange(name, value)}
              />
            </Grid.Col>
          ))}
        </Grid>
      )}
      {errors.variables && (
        <Text size="sm" c="red" role="alert" mt="xs">
          {errors.variables}
        </Text>
      )}
    </Panel>
  );
}

interface FieldProps {
  name: string;
  variable: RevisionVariable;
  value: string;
  error: string | undefined;
  onChange: (value: string) => void;
}

function VariableField({ name, variable, value, error, onChange }: FieldProps) {
  const hasDefault = variable.default !== null && variable.default !== undefined;
  const shared = {
    label: name,
    styles: { label: { fontFamily: "var(--mantine-font-family-monospace)" } },
    inputWrapperOrder: [
      "label" as const,
      "input" as const,
      "description" as const,
      "error" as const,
    ],
    value,
    error,
    required: variable.required && !hasDefault,
  };
  return variable.secret ? (
    <PasswordInput
      {...shared}
      autoComplete="new-password"
      placeholder={hasDefault ? "Keeps its default" : ""}
      description="Secret: stored encrypted, never shown again"
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  ) : (
    <TextInput
      {...shared}
      autoComplete="off"
      placeholder={variable.default ?? ""}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}
