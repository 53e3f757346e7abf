import { Select } from "@mantine/core";

import { useRights } from "./rights";

/** Not an id of a project. */
const ALL = "all";

interface Props {
  /** Null: all projects; undefined: not chosen yet. */
  value: number | null | undefined;
  onChange: (value: number | null | undefined) => void;
  error: string | undefined;
}

/** One of the projects that the caller manages; platform admins also choose all projects. */
export function ScopeField({ value, onChange, error }: Props) {
  const { admin, managed } = useRights();
  const projects = managed.map(({ id, name }) => ({ value: String(id), label: name }));
  return (
    <Select
      label="Holds in"
      placeholder="Choose a project"
      data={admin ? [{ value: ALL, label: "All projects" }, ...projects] : projects}
      value={value === null ? ALL : value === undefined ? null : String(value)}
      onChange={(chosen) => onChange(chosen === ALL ? null : chosen ? Number(chosen) : undefined)}
      error={error}
      allowDeselect={false}
      searchable={projects.length > 8}
      required
    />
  );
}
