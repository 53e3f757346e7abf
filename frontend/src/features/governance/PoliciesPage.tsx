import { Button, Stack } from "@mantine/core";
import { useSearch } from "@tanstack/react-router";
import { useState } from "react";

import { $api } from "@/api/client";
import { allResults } from "@/api/cursor";
import type { Policy } from "@/api/types";
import { DeleteDialog } from "@/components/DeleteDialog";
import { EmptyState } from "@/components/EmptyState";
import { ErrorNotice } from "@/components/ErrorNotice";
import { PlusIcon } from "@/components/icons";
import { LoadMore } from "@/components/LoadMore";
import { Panel } from "@/components/Panel";
import { TableSkeleton } from "@/components/TableSkeleton";

import { EffectivePanel } from "./EffectivePanel";
import { PolicyDialog } from "./PolicyDialog";
import { PolicyTable } from "./PolicyTable";
import { useChanged, usePolicies } from "./queries";
import { useRights } from "./rights";
import { inProject } from "./scope";

/** How many have to agree to what; and which of the policies that fit decides. */
export function PoliciesPage() {
  const { project } = useSearch({ from: "/shell" });
  const policies = usePolicies();
  const rows = inProject(allResults(policies.data), project);
  const { any } = useRights();
  const [edited, setEdited] = useState<Policy | "new" | null>(null);
  const [deleted, setDeleted] = useState<Policy | null>(null);
  return (
    <Stack>
      <EffectivePanel key={project} project={project} />
      <Panel
        title="Policies"
        aside={
          any && (
            <Button
              size="compact-sm"
              leftSection={<PlusIcon size={14} />}
              onClick={() => setEdited("new")}
            >
              New policy
            </Button>
          )
        }
        flush
      >
        {policies.isPending ? (
          <TableSkeleton rows={6} />
        ) : policies.isError && rows.length === 0 ? (
          <ErrorNotice error={policies.error} onRetry={() => void policies.refetch()} />
        ) : rows.length === 0 ? (
          <EmptyState title="No policies">
            Without a policy nobody is asked: every change runs as soon as it is confirmed.
          </EmptyState>
        ) : (
          <PolicyTable policies={rows} onEdit={setEdited} onDelete={setDeleted} />
        )}
        <LoadMore {...policies} />
      </Panel>
      {edited && (
        <PolicyDialog
          policy={edited === "new" ? null : edited}
          project={project}
          onClose={() => setEdited(null)}
        />
      )}
      {deleted && <PolicyDeletion policy={deleted} onClose={() => setDeleted(null)} />}
    </Stack>
  );
}

function PolicyDeletion({ policy, onClose }: { policy: Policy; onClose: () => void }) {
  const changed = useChanged();
  const remove = $api.useMutation("delete", "/api/v1/approvals/policies/{id}", {
    onSuccess: async () => {
      onClose();
      await changed();
    },
  });
  const own = policy.project_id !== null && policy.project_id !== undefined;
  return (
    <DeleteDialog
      title="Delete the policy?"
      pending={remove.isPending}
      error={remove.error}
      onDelete={() => remove.mutate({ params: { path: { id: String(policy.id) } } })}
      onClose={onClose}
    >
      {own
        ? "The policy for all projects decides then, if there is one; without one, nobody is asked."
        : "In projects without a policy of their own, nobody is asked then."}{" "}
      Tickets that are there keep what they were asked under.
    </DeleteDialog>
  );
}
