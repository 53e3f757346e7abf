import { Select } from "@mantine/core";

import { readOneOf } from "@/lib/searchParams";

import { type InboxFilters, PRIORITIES, RISKS } from "./filters";

interface Props {
  filters: InboxFilters;
  onChange: (changed: InboxFilters) => void;
}

export function TicketFilters({ filters, onChange }: Props) {
  return (
    <>
      <Select
        aria-label="Risk"
        placeholder="Any risk"
        w={130}
        data={RISKS.map((value) => ({
          value,
          label: value.charAt(0).toUpperCase() + value.slice(1),
        }))}
        value={filters.risk ?? null}
        onChange={(value) => onChange({ risk: readOneOf(value, RISKS) })}
        clearable
      />
      <Select
        aria-label="Priority"
        placeholder="Any priority"
        w={130}
        data={[...PRIORITIES]}
        value={filters.priority ?? null}
        onChange={(value) => onChange({ priority: readOneOf(value, PRIORITIES) })}
        clearable
      />
    </>
  );
}
