import { Grid, Group, SegmentedControl, Select } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { Outlet, useNavigate, useParams, useSearch } from "@tanstack/react-router";

import { PageHeader } from "@/components/PageHeader";
import { readOneOf } from "@/lib/searchParams";

import { PRIORITIES, RISKS, SCOPES } from "./filters";
import { TicketList } from "./TicketList";

const SCOPE_LABELS = { mine: "Mine", pending: "Pending", all: "All" };

/** The list beside the chosen ticket; on a narrow screen one at a time. */
export function InboxPage() {
  const search = useSearch({ from: "/shell/inbox" });
  const navigate = useNavigate({ from: "/inbox" });
  const { ticket } = useParams({ strict: false });
  const wide = useMediaQuery("(min-width: 75em)", true);
  const showList = wide || !ticket;
  return (
    <>
      <PageHeader title="Inbox" />
      {showList && (
        <Group gap="xs" mb="sm">
          <SegmentedControl
            aria-label="Which tickets"
            data={SCOPES.map((value) => ({ value, label: SCOPE_LABELS[value] }))}
            value={search.scope ?? "mine"}
            onChange={(value) =>
              void navigate({
                to: "/inbox",
                search: (current) => ({ ...current, scope: readOneOf(value, SCOPES) }),
              })
            }
          />
          <Select
            aria-label="Risk"
            placeholder="Any risk"
            w={130}
            data={[...RISKS]}
            value={search.risk ?? null}
            onChange={(value) =>
              void navigate({
                to: ".",
                search: (current) => ({ ...current, risk: readOneOf(value, RISKS) }),
              })
            }
            clearable
          />
          <Select
            aria-label="Priority"
            placeholder="Any priority"
            w={130}
            data={[...PRIORITIES]}
            value={search.priority ?? null}
            onChange={(value) =>
              void navigate({
                to: ".",
                search: (current) => ({ ...current, priority: readOneOf(value, PRIORITIES) }),
              })
            }
            clearable
          />
        </Group>
      )}
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
    </>
  );
}
