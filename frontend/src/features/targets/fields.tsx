import { Select, Switch, TextInput } from "@mantine/core";

import { useMe } from "@/api/me";

interface FieldProps<T> {
  value: T;
  onChange: (value: T) => void;
  error?: string | undefined;
}

export function MaxParallelField({ value, onChange, error }: FieldProps<string>) {
  return (
    <TextInput
      label="Hosts at a time"
      description="So many hosts switch to a release together, then the next ones"
      type="number"
      min={1}
      max={100}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      error={error}
      required
    />
  );
}

export function AutoRollbackField({ value, onChange }: FieldProps<boolean>) {
  return (
    <Switch
      label="Roll back by itself after a failure"
      description="A release that fails and leaves its mark is undone at once, under the policy for rollbacks"
      checked={value}
      onChange={(event) => onChange(event.currentTarget.checked)}
    />
  );
}

interface ProjectProps extends FieldProps<number | undefined> {
  /** What the caller needs to hold on the project. */
  permission: string;
}

export function ProjectField({ value, onChange, error, permission }: ProjectProps) {
  const { projects } = useMe();
  const open = projects.filter(({ permissions }) => permissions.includes(permission));
  return (
    <Select
      label="Project"
      placeholder="Choose a project"
      data={open.map(({ id, name }) => ({ value: String(id), label: name }))}
      value={value === undefined ? null : String(value)}
      onChange={(chosen) => onChange(chosen ? Number(chosen) : undefined)}
      error={error}
      allowDeselect={false}
      searchable={open.length > 8}
      required
    />
  );
}
