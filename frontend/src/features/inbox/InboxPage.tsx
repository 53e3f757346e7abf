import { Grid, Tabs, Text } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { Outlet, useNavigate, useParams, useSearch } from "@tanstack/react-router";

import { PageHeader } from "@/components/PageHeader";
import { readOneOf } from "@/lib/searchParams";

import { scopeText } from "./counts";
import { type InboxFilters, ofScope, type Scope, SCOPES } from "./filters";
import { useInboxSummary } from "./queries";
import { TicketFilters } from "./TicketFilters";
import { TicketList } from "./TicketList";

const SCOPE_LABELS = { mine: "Mine", pending: "Pending", all: "All" };

/** The list beside the chosen ticket; on a narrow screen one at a time. */
export function InboxPage() {
  const { project, ...filters } = useSearch({ from: "/shell/inbox" });
  const navigate = useNavigate({ from: "/inbox" });
  const { ticket } = useParams({ strict: false });
  const wide = useMediaQuery("(min-width: 75em)", true);
  const showList = wide || !ticket;
  const scope = filters.scope ?? "mine";

  const narrow = (to: "/inbox" | ".", changed: InboxFilters) =>
    void navigate({ to, search: (current) => ({ ...current, ...changed }), replace: to === "." });

  return (
    <Tabs
      value={scope}
      onChange={(value) => narrow("/inbox", ofScope(readOneOf(value, SCOPES)))}
      variant="pills"
    >
      <PageHeader title="Inbox" />
      {showList && (
        <>
          <Tabs.List aria-label="Which tickets" mb="sm">
            {SCOPES.map((value) => (
              <ScopeTab key={value} scope={value} counted={project === undefined} />
            ))}
          </Tabs.List>
          <TicketFilters
            project={project}
            filters={{ ...filters, scope }}
            onChange={(changed) => narrow(".", changed)}
          />
        </>
      )}
      <Tabs.Panel value={scope}>
        <Grid gap="md">
          {showList && (
            <Grid.Col span={{ base: 12, lg: 5 }}>
              <TicketList
                key={JSON.stringify([project, filters])}
                search={{ project, ...filters }}
                selected={ticket}
              />
            </Grid.Col>
          )}
          {(wide || ticket) && (
            <Grid.Col span={{ base: 12, lg: 7 }}>
              <Outlet />
            </Grid.Col>
          )}
        </Grid>
      </Tabs.Panel>
    </Tabs>
  );
}

/** The counts are of all projects, so beside a single one they stay away. */
function ScopeTab({ scope, counted }: { scope: Scope; counted: boolean }) {
  const summary = useInboxSummary();
  const count = counted ? scopeText(summary, scope) : undefined;
  return (
    <Tabs.Tab
      value={scope}
      rightSection={
        count !== undefined && (
          <Text span size="xs" style={{ fontVariantNumeric: "tabular-nums", opacity: 0.75 }}>
            {count}
          </Text>
        )
      }
    >
      {SCOPE_LABELS[scope]}
    </Tabs.Tab>
  );
}
