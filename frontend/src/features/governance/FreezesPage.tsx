import { Button } from "@mantine/core";
import { useSearch } from "@tanstack/react-router";
import { useState } from "react";

import { $api } from "@/api/client";
import { allResults } from "@/api/cursor";
import type { FreezeWindow } from "@/api/types";
import { DeleteDialog } from "@/components/DeleteDialog";
import { EmptyState } from "@/components/EmptyState";
import { ErrorNotice } from "@/components/ErrorNotice";
import { PlusIcon } from "@/components/icons";
import { LoadMore } from "@/components/LoadMore";
import { Panel } from "@/components/Panel";
import { TableSkeleton } from "@/components/TableSkeleton";

import { FreezeDialog } from "./FreezeDialog";
import { FreezeTable } from "./FreezeTable";
import { useChanged, useFreezes } from "./queries";
import { useRights } from "./rights";
import { inProject } from "./scope";

/** When nothing may change. */
export function FreezesPage() {
  const { project } = useSearch({ from: "/shell" });
  const freezes = useFreezes();
  const rows = inProject(allResults(freezes.data), project);
  const { any } = useRights();
  const [edited, setEdited] = useState<FreezeWindow | "new" | null>(null);
  const [deleted, setDeleted] = useState<FreezeWindow | null>(null);
  return (
    <>
      <Panel
        title="Freezes"
        aside={
          any && (
            <Button
              size="compact-sm"
              leftSection={<PlusIcon size={14} />}
              onClick={() => setEdited("new")}
            >
              New freeze
            </Button>
          )
        }
        flush
      >
        {freezes.isPending ? (
          <TableSkeleton rows={4} />
        ) : freezes.isError && rows.length === 0 ? (
          <ErrorNotice error={freezes.error} onRetry={() => void freezes.refetch()} />
        ) : rows.length === 0 ? (
          <EmptyState title="No freezes">
            In a freeze no change of its tier is applied: once, from one moment to another, or at
            hours of every week. Rollbacks go through.
          </EmptyState>
        ) : (
          <FreezeTable freezes={rows} onEdit={setEdited} onDelete={setDeleted} />
        )}
        <LoadMore {...freezes} />
      </Panel>
      {edited && (
        <FreezeDialog
          freeze={edited === "new" ? null : edited}
          project={project}
          onClose={() => setEdited(null)}
        />
      )}
      {deleted && <FreezeDeletion freeze={deleted} onClose={() => setDeleted(null)} />}
    </>
  );
}

function FreezeDeletion({ freeze, onClose }: { freeze: FreezeWindow; onClose: () => void }) {
  const changed = useChanged();
  const remove = $api.useMutation("delete", "/api/v1/approvals/freezes/{id}", {
    onSuccess: async () => {
      onClose();
      await changed();
    },
  });
  return (
    <DeleteDialog
      title="Delete the freeze?"
      pending={remove.isPending}
      error={remove.error}
      onDelete={() => remove.mutate({ params: { path: { id: String(freeze.id) } } })}
      onClose={onClose}
    >
      Changes that it held back go on from then, if nothing else holds them: {freeze.reason}
    </DeleteDialog>
  );
}
