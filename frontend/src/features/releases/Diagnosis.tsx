import { Alert, Code, Group, Stack, Text } from "@mantine/core";

import { toApiError } from "@/api/errors";
import type { DiagnosticResource } from "@/api/types";
import { EmptyState } from "@/components/EmptyState";
import { ErrorNotice } from "@/components/ErrorNotice";
import { Panel } from "@/components/Panel";
import { Pill } from "@/components/Pill";
import { RelativeTime } from "@/components/RelativeTime";
import { TableSkeleton } from "@/components/TableSkeleton";

import classes from "./Manifest.module.css";
import { useDiagnostics } from "./queries";

/** Why it failed: the summary and its hint, then the worst resource first. */
export function Diagnosis({ releaseId }: { releaseId: number }) {
  const diagnostics = useDiagnostics(releaseId);
  if (diagnostics.isPending) return <TableSkeleton rows={4} />;
  if (diagnostics.isError) {
    if (toApiError(diagnostics.error).code === "not_found") return <NoDiagnosis />;
    return <ErrorNotice error={diagnostics.error} onRetry={() => void diagnostics.refetch()} />;
  }
  const { summary, resources, stage, collected_at: collectedAt } = diagnostics.data;
  return (
    <Stack gap="sm">
      <Alert color="red" title={summary.message}>
        {summary.hint && <Text size="sm">{summary.hint}</Text>}
        <Text size="xs" c="dimmed" mt={4}>
          {summary.code} · stage {stage} · collected <RelativeTime iso={collectedAt} />
        </Text>
      </Alert>
      {resources.map((resource) => (
        <ResourceCard
          key={`${resource.kind}/${resource.namespace}/${resource.name}/${resource.node}`}
          resource={resource}
        />
      ))}
    </Stack>
  );
}

function NoDiagnosis() {
  return (
    <Panel>
      <EmptyState title="Nothing to diagnose">
        It failed before it ran, so nothing on the target was touched.
      </EmptyState>
    </Panel>
  );
}

function ResourceCard({ resource }: { resource: DiagnosticResource }) {
  const { kind, name, namespace, node, status, reason, message, events, log_tail: tail } = resource;
  return (
    <Panel
      title={`${kind} ${name}`}
      aside={
        <Pill color={status === "ok" || status === "healthy" ? "green" : "red"}>{status}</Pill>
      }
    >
      <Stack gap={8}>
        <Group gap="md">
          {[namespace, node && `on ${node}`].filter(Boolean).map((text) => (
            <Text key={text} size="xs" c="dimmed">
              {text}
            </Text>
          ))}
          {reason && <Code>{reason}</Code>}
        </Group>
        {message && <Text size="sm">{message}</Text>}
        {events.map((event) => (
          <Text key={JSON.stringify(event)} size="sm" c="dimmed">
            {typeof event === "string" ? event : Object.values(event).map(String).join(" · ")}
          </Text>
        ))}
        {tail.length > 0 && (
          <pre className={classes.tail} aria-label={`Last lines of ${name}`}>
            {tail.join("\n")}
          </pre>
        )}
      </Stack>
    </Panel>
  );
}
