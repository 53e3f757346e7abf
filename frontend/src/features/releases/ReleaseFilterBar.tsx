import { Group, Select } from "@mantine/core";

import { SearchBox } from "@/components/SearchBox";
import { LIFECYCLE, LIFECYCLE_STATES } from "@/lib/lifecycle";
import { RUNTIME_LABELS } from "@/lib/runtimes";
import { readOneOf } from "@/lib/searchParams";

import { KINDS, type ReleaseFilters, RUNTIMES, SOURCES } from "./filters";
import { useServices, useTargets } from "./queries";

interface Props {
  project: number | undefined;
  filters: ReleaseFilters;
  onChange: (changed: ReleaseFilters) => void;
}

const KIND_LABELS = { deploy: "Deploy", rollback: "Rollback" };
const SOURCE_LABELS = { ui: "Web", api: "API", ai: "AI", system: "System" };
const STATES = LIFECYCLE_STATES.map((value) => ({ value, label: LIFECYCLE[value].label }));

interface Named {
  id: number;
  name: string;
}

const byId = (rows: Named[] | undefined) =>
  (rows ?? []).map(({ id, name }) => ({ value: String(id), label: name }));

const labelled = <T extends string>(labels: Record<T, string>, values: readonly T[]) =>
  values.map((value) => ({ value, label: labels[value] }));

const idText = (id: number | undefined) => (id === undefined ? null : String(id));

export function ReleaseFilterBar({ project, filters, onChange }: Props) {
  const services = useServices(project);
  const targets = useTargets(project);
  return (
    <Group gap="xs" mb="sm" role="search" aria-label="Filter releases">
      <SearchBox
        label="Search releases"
        value={filters.q ?? ""}
        onChange={(q) => onChange({ q })}
      />
      <Select
        aria-label="State"
        placeholder="Any state"
        w={150}
        data={STATES}
        value={filters.state ?? null}
        onChange={(value) => onChange({ state: readOneOf(value, LIFECYCLE_STATES) })}
        clearable
      />
      <Select
        aria-label="Service"
        placeholder="Any service"
        w={160}
        data={byId(services.data?.results)}
        value={idText(filters.service)}
        onChange={(value) => onChange({ service: value ? Number(value) : undefined })}
        clearable
        searchable
      />
      <Select
        aria-label="Target"
        placeholder="Any target"
        w={160}
        data={byId(targets.data?.results)}
        value={idText(filters.target)}
        onChange={(value) => onChange({ target: value ? Number(value) : undefined })}
        clearable
        searchable
      />
      <Select
        aria-label="Runtime"
        placeholder="Any runtime"
        w={145}
        data={labelled(RUNTIME_LABELS, RUNTIMES)}
        value={filters.runtime ?? null}
        onChange={(value) => onChange({ runtime: readOneOf(value, RUNTIMES) })}
        clearable
      />
      <Select
        aria-label="Kind"
        placeholder="Any kind"
        w={110}
        data={labelled(KIND_LABELS, KINDS)}
        value={filters.kind ?? null}
        onChange={(value) => onChange({ kind: readOneOf(value, KINDS) })}
        clearable
      />
      <Select
        aria-label="Source"
        placeholder="Any source"
        w={120}
        data={labelled(SOURCE_LABELS, SOURCES)}
        value={filters.source ?? null}
        onChange={(value) => onChange({ source: readOneOf(value, SOURCES) })}
        clearable
      />
    </Group>
  );
}
