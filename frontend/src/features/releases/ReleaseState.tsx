import { Alert, Group, Progress, Stack, Text } from "@mantine/core";
import type { ReactNode } from "react";

import type { Release } from "@/api/types";
import { TextLink } from "@/components/links";
import { RelativeTime } from "@/components/RelativeTime";
import { LIFECYCLE } from "@/lib/lifecycle";
import { formatLocal } from "@/lib/localTime";
import { useNow } from "@/lib/useNow";

import { Failure } from "./Failure";
import { PreviewBar } from "./PreviewBar";
import { useRelease } from "./queries";
import { ReleaseLink } from "./ReleaseLink";

/** What the release is doing or waiting for now, and what to do about it. */
export function ReleaseState({ release }: { release: Release }) {
  switch (release.lifecycle_state) {
    case "preview":
      return <PreviewBar release={release} />;
    case "pending_approval":
      return (
        <Notice release={release} title="Waiting for approval">
          <TicketLink ticket={release.approval_ticket} /> has to be approved before anything
          changes.
        </Notice>
      );
    case "approved":
      return (
        <Notice release={release} title="Approved">
          <Start release={release} />
        </Notice>
      );
    case "applying":
      return <Applying release={release} />;
    case "failed":
      return <Failure release={release} />;
    case "rollback":
      return (
        <>
          <Notice release={release} title="Rolled back">
            {release.rolled_back_by === null ? (
              "Another release took its place."
            ) : (
              <Successor id={release.rolled_back_by} />
            )}
          </Notice>
          {release.diagnostics_json && <Failure release={release} />}
        </>
      );
    case "applied":
      return null;
  }
}

interface NoticeProps {
  release: Release;
  title: string;
  children: ReactNode;
}

function Notice({ release, title, children }: NoticeProps) {
  return (
    <Alert color={LIFECYCLE[release.lifecycle_state].color} title={title} role="status">
      {children}
    </Alert>
  );
}

/** When what is approved runs, or what it waits for. */
function Start({ release }: { release: Release }) {
  const now = useNow();
  const { start_after: moment, progress } = release;
  if (moment === null) return <>It starts when it is applied once more.</>;
  if (Date.parse(moment) > now) {
    return (
      <>
        Starts at {formatLocal(moment)} (<RelativeTime iso={moment} />
        ), if its target is as it was previewed until then.
      </>
    );
  }
  return <>{progress.message ?? "The run starts as soon as a worker takes it."}</>;
}

function Successor({ id }: { id: number }) {
  const automatic = useRelease(id).data?.source === "system";
  return (
    <>
      <ReleaseLink id={id}>Release #{id}</ReleaseLink> took its place
      {automatic && ", as an automatic rollback"}.
    </>
  );
}

function Applying({ release }: { release: Release }) {
  const { phase, percent = 0, message } = release.progress;
  return (
    <Alert color={LIFECYCLE.applying.color} role="status">
      <Stack gap={8}>
        <Group justify="space-between">
          <Text size="sm" fw={600}>
            {phase ?? "Starting"}
          </Text>
          <Text size="sm" style={{ fontVariantNumeric: "tabular-nums" }}>
            {percent}%
          </Text>
        </Group>
        <Progress
          value={percent}
          color={LIFECYCLE.applying.color}
          animated
          aria-label="Progress of the release"
        />
        {message && <Text size="sm">{message}</Text>}
      </Stack>
    </Alert>
  );
}

function TicketLink({ ticket }: { ticket: string | null }) {
  if (!ticket) return <>Its ticket</>;
  return (
    <TextLink to="/inbox/$ticket" params={{ ticket }} fw={600}>
      {ticket}
    </TextLink>
  );
}
