import { Button, Group, Select } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";

import { FilterIcon } from "@/components/icons";
import { SearchBox } from "@/components/SearchBox";
import { readOneOf } from "@/lib/searchParams";

import { withCount } from "./counts";
import {
  clearedFilters,
  type InboxFilters,
  isFiltered,
  PRIORITIES,
  rareInUse,
  RISKS,
} from "./filters";
import { useInboxSummary } from "./queries";
import { RareFilters } from "./RareFilters";

interface Props {
  project: number | undefined;
  filters: InboxFilters;
  onChange: (changed: InboxFilters) => void;
}

const capitalized = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

/** Text, risk and priority in sight; everything else behind one button, which counts what is on. */
export function TicketFilters({ project, filters, onChange }: Props) {
  const rare = rareInUse(filters);
  const [opened, { toggle }] = useDisclosure(rare > 0);
  // They are of what waits in all projects: beside another choice they would say something wrong.
  const summary = useInboxSummary();
  const counted = project === undefined && filters.scope !== "all" ? summary : undefined;
  return (
    <div role="search" aria-label="Filter tickets" style={{ width: "100%" }}>
      <Group gap="xs" mb="sm">
        <SearchBox
          label="Search tickets"
          placeholder="Ticket, title or name"
          w={200}
          value={filters.q ?? ""}
          onChange={(q) => onChange({ q })}
        />
        <Select
          aria-label="Risk"
          placeholder="Any risk"
          w={130}
          data={RISKS.map((value) => ({
            value,
            label: withCount(capitalized(value), counted?.risk, value),
          }))}
          value={filters.risk ?? null}
          onChange={(value) => onChange({ risk: readOneOf(value, RISKS) })}
          clearable
        />
        <Select
          aria-label="Priority"
          placeholder="Any priority"
          w={130}
          data={PRIORITIES.map((value) => ({
            value,
            label: withCount(value, counted?.priority, value),
          }))}
          value={filters.priority ?? null}
          onChange={(value) => onChange({ priority: readOneOf(value, PRIORITIES) })}
          clearable
        />
        <Button
          variant="default"
          leftSection={<FilterIcon size={14} />}
          onClick={toggle}
          aria-expanded={opened}
          aria-controls="more-filters"
        >
          {rare > 0 ? `More filters (${rare})` : "More filters"}
        </Button>
        {isFiltered(filters) && (
          <Button variant="subtle" onClick={() => onChange(clearedFilters())}>
            Clear filters
          </Button>
        )}
      </Group>
      <div id="more-filters" hidden={!opened}>
        {opened && <RareFilters project={project} filters={filters} onChange={onChange} />}
      </div>
    </div>
  );
}
