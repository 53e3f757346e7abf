import { Alert, List, Text } from "@mantine/core";

import { describeReason } from "@/api/errors";
import type { ClusterAnswer } from "@/api/types";

/** What a cluster said when it was tested, and what to do about it. */
export function Answer({ answer }: { answer: ClusterAnswer }) {
  if (!answer.ok) {
    return (
      <Alert color="red" title={describeReason(answer.reason_code) ?? "It did not answer."}>
        {answer.hint && (
          <Text size="sm">
            <b>What to do:</b> {answer.hint}
          </Text>
        )}
      </Alert>
    );
  }
  const { latency_ms: latency, nodes, version, permissions } = answer;
  return (
    <Alert color="green" title={`It answered: Kubernetes ${version}`} role="status">
      <Text size="sm">
        {[
          latency !== null && `${latency} ms`,
          nodes === null
            ? "its nodes may not be listed"
            : `${nodes} ${nodes === 1 ? "node" : "nodes"}`,
        ]
          .filter(Boolean)
          .join(" · ")}
      </Text>
      {permissions.length > 0 && (
        <details>
          <Text component="summary" size="sm" style={{ cursor: "pointer" }}>
            What its credential may do in the namespace default (
            {permissions.length === 1 ? "1 rule" : `${permissions.length} rules`})
          </Text>
          <List size="xs" mt={4}>
            {permissions.map((rule) => (
              <List.Item key={JSON.stringify(rule)}>{readable(rule)}</List.Item>
            ))}
          </List>
        </details>
      )}
    </Alert>
  );
}

/** "get, list pods, services" with names and `everything` for a star. */
function readable({ verbs, resources, names }: ClusterAnswer["permissions"][number]): string {
  const listed = (words: string[], all: string) =>
    words.map((word) => (word === "*" ? all : word)).join(", ");
  const what = `${listed(verbs, "everything")}: ${listed(resources, "all resources")}`;
  return names.length > 0 ? `${what} (${names.join(", ")})` : what;
}
