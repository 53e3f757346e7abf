import { Checkbox, Select, SimpleGrid } from "@mantine/core";

import { useEnvironmentNames, useTeams, useUsers } from "@/api/names";
import { readOneOf } from "@/lib/searchParams";

import { countText, statusText } from "./counts";
import { ACTIONS, type InboxFilters, SOURCES, STATUSES, SUBJECTS } from "./filters";
import { useInboxSummary } from "./queries";

interface Props {
  project: number | undefined;
  filters: InboxFilters;
  onChange: (changed: InboxFilters) => void;
}

const LABELS = {
  status: {
    pending: "Pending",
    approved: "Approved",
    rejected: "Rejected",
    expired: "Expired",
    cancelled: "Cancelled",
  },
  action: { apply: "Apply", rollback: "Rollback", install: "Installation", vip: "Virtual IP" },
  source: { ui: "Web", api: "API", ai: "AI", system: "System" },
  subject_type: { release: "Releases", environment_install: "Installations" },
} as const;

const labelled = (labels: Record<string, string>) =>
  Object.entries(labels).map(([value, label]) => ({ value, label }));

export function RareFilters({ project, filters, onChange }: Props) {
  const users = useUsers().data?.map(({ id, username }) => ({ id, name: username }));
  const teams = useTeams().data;
  const environments = useEnvironmentNames(project).data;
  const summary = useInboxSummary();
  const counts = project === undefined ? summary : undefined;
  return (
    <SimpleGrid cols={{ base: 2, sm: 4 }} spacing="xs" verticalSpacing="xs" mb="sm">
      {filters.scope === "all" && (
        <Select
          aria-label="Status"
          placeholder="Any status"
          data={STATUSES.map((value) => ({
            value,
            label: statusText(LABELS.status[value], counts, value),
          }))}
          value={filters.status ?? null}
          onChange={(value) => onChange({ status: readOneOf(value, STATUSES) })}
          clearable
        />
      )}
      <Select
        aria-label="Subject"
        placeholder="Any subject"
        data={labelled(LABELS.subject_type)}
        value={filters.subject_type ?? null}
        onChange={(value) => onChange({ subject_type: readOneOf(value, SUBJECTS) })}
        clearable
      />
      <Select
        aria-label="Action"
        placeholder="Any action"
        data={labelled(LABELS.action)}
        value={filters.action ?? null}
        onChange={(value) => onChange({ action: readOneOf(value, ACTIONS) })}
        clearable
      />
      <Select
        aria-label="Source"
        placeholder="Any source"
        data={labelled(LABELS.source)}
        value={filters.source ?? null}
        onChange={(value) => onChange({ source: readOneOf(value, SOURCES) })}
        clearable
      />
      <NameFilter
        label="Team"
        placeholder="Any team"
        rows={teams}
        value={filters.team}
        onChange={(team) => onChange({ team })}
      />
      <NameFilter
        label="Environment"
        placeholder="Any environment"
        rows={environments}
        value={filters.environment}
        onChange={(environment) => onChange({ environment })}
      />
      <NameFilter
        label="Assigned to"
        placeholder="Assigned to anyone"
        rows={users}
        value={filters.assigned_to}
        onChange={(assigned_to) => onChange({ assigned_to })}
      />
      <NameFilter
        label="Requested by"
        placeholder="Requested by anyone"
        rows={users}
        value={filters.requested_by}
        onChange={(requested_by) => onChange({ requested_by })}
      />
      <Checkbox
        my="auto"
        size="xs"
        label={
          counts === undefined
            ? "Break-glass only"
            : `Break-glass only (${countText(counts.break_glass, counts.counted_to)})`
        }
        checked={filters.break_glass ?? false}
        onChange={(event) =>
          onChange({ break_glass: event.currentTarget.checked ? true : undefined })
        }
      />
    </SimpleGrid>
  );
}

interface NameProps {
  label: string;
  placeholder: string;
  rows: { id: number; name: string }[] | undefined;
  value: number | undefined;
  onChange: (id: number | undefined) => void;
}

/** Chosen by name; filtered by id. */
function NameFilter({ label, placeholder, rows = [], value, onChange }: NameProps) {
  return (
    <Select
      aria-label={label}
      placeholder={placeholder}
      data={rows.map(({ id, name }) => ({ value: String(id), label: name }))}
      value={value === undefined ? null : String(value)}
      onChange={(chosen) => onChange(chosen ? Number(chosen) : undefined)}
      nothingFoundMessage="No such name"
      limit={100}
      searchable
      clearable
    />
  );
}
