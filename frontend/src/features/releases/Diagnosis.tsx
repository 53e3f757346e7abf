import { Code, Stack, Text } from "@mantine/core";
import type { ReactNode } from "react";

import type { DiagnosticResource, Release } from "@/api/types";
import { EmptyState } from "@/components/EmptyState";
import { Fold } from "@/components/Fold";
import { Panel } from "@/components/Panel";
import { Pill } from "@/components/Pill";
import { RelativeTime } from "@/components/RelativeTime";

import { readDiagnostics, statusColor } from "./diagnosis";
import classes from "./Manifest.module.css";

/** Why it failed, resource by resource, the worst first and open. */
export function Diagnosis({ release }: { release: Release }) {
  const diagnostics = readDiagnostics(release);
  if (!release.diagnostics_json) {
    return (
      <Panel>
        <EmptyState title="Nothing to diagnose">
          It failed before it ran, so nothing on the target was touched.
        </EmptyState>
      </Panel>
    );
  }
  if (!diagnostics) return <Tail label="Diagnostics" lines={asLines(release.diagnostics_json)} />;
  const { summary, resources, stage, collected_at: collectedAt } = diagnostics;
  return (
    <Stack gap="sm">
      <Text size="sm" c="dimmed">
        {summary.code} · stage {stage} · collected <RelativeTime iso={collectedAt} />
      </Text>
      {resources.length === 0 && (
        <Panel>
          <EmptyState title="No resource was to blame">
            What it failed of is said above, and in its log.
          </EmptyState>
        </Panel>
      )}
      {resources.map((resource, index) => (
        <Resource
          key={`${resource.kind}/${resource.namespace}/${resource.name}/${resource.node}`}
          resource={resource}
          open={index === 0}
        />
      ))}
    </Stack>
  );
}

function Resource({ resource, open }: { resource: DiagnosticResource; open: boolean }) {
  const { kind, name, namespace, node, status, reason, message, events, log_tail: tail } = resource;
  const place = [namespace && `in ${namespace}`, node && `on ${node}`].filter(Boolean).join(" ");
  return (
    <Fold
      open={open}
      head={
        <>
          <Pill color={statusColor(status)}>{status}</Pill>
          <Text span size="sm" fw={600} style={{ overflowWrap: "anywhere" }}>
            {kind} {name}
          </Text>
          {place && (
            <Text span size="xs" c="dimmed">
              {place}
            </Text>
          )}
          {reason && <Code>{reason}</Code>}
        </>
      }
    >
      <Stack gap={8} px={14} py={10}>
        {message && (
          <Text size="sm" style={{ overflowWrap: "anywhere" }}>
            {message}
          </Text>
        )}
        {events.length > 0 && (
          <More title={`Events (${events.length})`}>
            <Tail label={`Events of ${name}`} lines={events} />
          </More>
        )}
        {tail.length > 0 && (
          <More title={`Last lines of its log (${tail.length})`}>
            <Tail label={`Last lines of ${name}`} lines={tail} />
          </More>
        )}
        {!message && events.length + tail.length === 0 && (
          <Text size="sm" c="dimmed">
            Nothing more is known of it.
          </Text>
        )}
      </Stack>
    </Fold>
  );
}

function More({ title, children }: { title: string; children: ReactNode }) {
  return (
    <details className={classes.more} open>
      <summary>{title}</summary>
      {children}
    </details>
  );
}

function Tail({ label, lines }: { label: string; lines: string[] }) {
  return (
    <pre className={classes.tail} aria-label={label}>
      {lines.join("\n")}
    </pre>
  );
}

const asLines = (found: object): string[] => JSON.stringify(found, null, 2).split("\n");
