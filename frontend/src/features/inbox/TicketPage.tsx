import { Group, List, Stack, Text } from "@mantine/core";
import { useParams } from "@tanstack/react-router";

import type { InboxItemDetail } from "@/api/types";
import { PriorityBadge, RiskBadge, TierBadge } from "@/components/badges";
import { Countdown } from "@/components/Countdown";
import { DiffPanel } from "@/components/DiffPanel";
import { Digest } from "@/components/Digest";
import { EmptyState } from "@/components/EmptyState";
import { ErrorNotice } from "@/components/ErrorNotice";
import { TextLink } from "@/components/links";
import { Panel } from "@/components/Panel";
import { Properties } from "@/components/Properties";
import { RelativeTime } from "@/components/RelativeTime";
import { TableSkeleton } from "@/components/TableSkeleton";
import { formatLocal } from "@/lib/localTime";

import { DecisionForm } from "./DecisionForm";
import { useTicket } from "./queries";
import { readDiff, readTexts } from "./subject";
import { SubjectLink } from "./SubjectLink";
import { viaSource } from "./story";
import { TicketActions } from "./TicketActions";
import { TicketHistory } from "./TicketHistory";
import { TicketNotices } from "./TicketNotices";
import { TicketMarks, TicketStatus } from "./TicketStatus";

export function NoTicket() {
  return (
    <Panel>
      <EmptyState title="Choose a ticket">Its change, risk and history show here.</EmptyState>
    </Panel>
  );
}

export function TicketPage() {
  const { ticket } = useParams({ from: "/shell/inbox/$ticket" });
  const item = useTicket(ticket);
  if (item.data) return <Ticket key={ticket} item={item.data} />;
  if (item.isError) return <ErrorNotice error={item.error} onRetry={() => void item.refetch()} />;
  return (
    <Panel>
      <TableSkeleton rows={5} />
    </Panel>
  );
}

function Ticket({ item }: { item: InboxItemDetail }) {
  const diff = readDiff(item.subject.diff);
  return (
    <Stack gap="md">
      <Group justify="space-between" hiddenFrom="lg">
        <TextLink to="/inbox" search={(current) => current} size="sm">
          ← All tickets
        </TextLink>
      </Group>
      <TicketNotices item={item} />
      <Panel
        title={
          <Group component="span" gap="sm">
            {item.title}
            <TicketStatus status={item.status} />
            <TicketMarks item={item} />
          </Group>
        }
        aside={
          item.status === "pending" && item.expires_at && <Countdown until={item.expires_at} />
        }
      >
        <Stack gap="md">
          <Properties
            rows={[
              ["Ticket", item.ticket],
              ["Former ticket", item.legacy_reference],
              ["Change", <SubjectLink key="subject" item={item} />],
              [
                "Asked for by",
                <>
                  {item.requested_by}
                  {viaSource(item.source)}, <RelativeTime iso={item.created_at} />
                </>,
              ],
              ["Approvals", `${item.approvals_count} of ${item.required_approvals}`],
              ["Assigned to", item.assigned_to],
              ["Starts", item.apply_at && <NotBefore iso={item.apply_at} />],
              ["Decided", item.decided_at && <RelativeTime iso={item.decided_at} />],
              [
                "Content",
                item.content_hash && <Digest value={item.content_hash} label="content hash" />,
              ],
            ]}
          />
          <Impact item={item} />
          <TicketActions item={item} />
        </Stack>
      </Panel>
      <DecisionForm item={item} />
      {diff && (diff.resources.length > 0 || !item.legacy_reference) && (
        <section aria-label="Diff">
          <DiffPanel diff={diff} />
        </section>
      )}
      <TicketHistory item={item} />
    </Stack>
  );
}

function Impact({ item }: { item: InboxItemDetail }) {
  const { summary, risk, warnings } = item.subject;
  const texts = [...new Set([...readTexts(risk.reasons), ...readTexts(warnings)])];
  return (
    <Stack gap={6}>
      <Group gap={6}>
        <RiskBadge level={item.risk} />
        <PriorityBadge priority={item.priority} />
        <TierBadge tier={item.tier} />
        <Text span size="sm" aria-label="Summary of the change">
          {summary}
        </Text>
      </Group>
      {texts.length > 0 && (
        <List size="sm" spacing={2}>
          {texts.map((text) => (
            <List.Item key={text}>{text}</List.Item>
          ))}
        </List>
      )}
    </Stack>
  );
}

function NotBefore({ iso }: { iso: string }) {
  return (
    <>
      not before {formatLocal(iso)} (<RelativeTime iso={iso} />)
    </>
  );
}
