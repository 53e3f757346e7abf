import { Grid, Group, Tabs } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { Outlet, useNavigate, useParams, useSearch } from "@tanstack/react-router";

import { PageHeader } from "@/components/PageHeader";
import { readOneOf } from "@/lib/searchParams";

import { type InboxFilters, SCOPES } from "./filters";
import { TicketFilters } from "./TicketFilters";
import { TicketList } from "./TicketList";

const SCOPE_LABELS = { mine: "Mine", pending: "Pending", all: "All" };

/** The list beside the chosen ticket; on a narrow screen one at a time. */
export function InboxPage() {
  const search = useSearch({ from: "/shell/inbox" });
  const navigate = useNavigate({ from: "/inbox" });
  const { ticket } = useParams({ strict: false });
  const wide = useMediaQuery("(min-width: 75em)", true);
  const showList = wide || !ticket;
  const scope = search.scope ?? "mine";

  const narrow = (to: "/inbox" | ".", changed: InboxFilters) =>
    void navigate({ to, search: (current) => ({ ...current, ...changed }) });

  return (
    <Tabs
      value={scope}
      onChange={(value) => narrow("/inbox", { scope: readOneOf(value, SCOPES) })}
      variant="pills"
    >
      <PageHeader title="Inbox" />
      {showList && (
        <Group gap="md" mb="sm">
          <Tabs.List aria-label="Which tickets">
            {SCOPES.map((value) => (
              <Tabs.Tab key={value} value={value}>
                {SCOPE_LABELS[value]}
              </Tabs.Tab>
            ))}
          </Tabs.List>
          <TicketFilters filters={search} onChange={(changed) => narrow(".", changed)} />
        </Group>
      )}
      <Tabs.Panel value={scope}>
        <Grid gap="md">
          {showList && (
            <Grid.Col span={{ base: 12, lg: 5 }}>
              <TicketList search={search} selected={ticket} />
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
