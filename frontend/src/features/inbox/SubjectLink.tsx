import type { InboxItem } from "@/api/types";
import { TextLink } from "@/components/links";

const INSTALLS = new Set(["environment_install", "install_task"]);

/** To what the ticket is about. */
export function SubjectLink({ item }: { item: InboxItem }) {
  if (item.subject_type === "release") {
    return (
      <TextLink to="/releases/$releaseId" params={{ releaseId: item.subject_id }}>
        Release #{item.subject_id}
      </TextLink>
    );
  }
  if (INSTALLS.has(item.subject_type) && item.environment_id !== null) {
    return (
      <TextLink
        to="/environments/$environmentId/tasks/$taskId"
        params={{ environmentId: item.environment_id, taskId: item.subject_id }}
      >
        Installation #{item.subject_id}
      </TextLink>
    );
  }
  return (
    <>
      {item.subject_type.replaceAll("_", " ")} #{item.subject_id}
    </>
  );
}
