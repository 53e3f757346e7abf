import { Button } from "@mantine/core";
import { useState } from "react";

import { $api } from "@/api/client";
import { allResults } from "@/api/cursor";
import type { Channel } from "@/api/types";
import { DeleteDialog } from "@/components/DeleteDialog";
import { EmptyState } from "@/components/EmptyState";
import { ErrorNotice } from "@/components/ErrorNotice";
import { PlusIcon } from "@/components/icons";
import { LoadMore } from "@/components/LoadMore";
import { Panel } from "@/components/Panel";
import { TableSkeleton } from "@/components/TableSkeleton";

import { ChannelDialog } from "./ChannelDialog";
import { ChannelTable } from "./ChannelTable";
import { DeliveriesDialog } from "./DeliveriesDialog";
import { useChanged, useChannels } from "./queries";
import { RotateDialog } from "./RotateDialog";

type Dialog = { kind: "new" } | { kind: "edit" | "delete" | "rotate" | "deliveries"; of: Channel };

export function ChannelsPanel({ project }: { project: number }) {
  const channels = useChannels(project);
  const rows = allResults(channels.data);
  const [dialog, setDialog] = useState<Dialog | null>(null);
  return (
    <>
      <Panel
        title="Channels"
        aside={
          <Button
            size="compact-sm"
            leftSection={<PlusIcon size={14} />}
            onClick={() => setDialog({ kind: "new" })}
          >
            New channel
          </Button>
        }
        flush
      >
        {channels.isPending ? (
          <TableSkeleton rows={3} />
        ) : channels.isError && rows.length === 0 ? (
          <ErrorNotice error={channels.error} onRetry={() => void channels.refetch()} />
        ) : rows.length === 0 ? (
          <EmptyState title="No channels yet">
            A channel is a mailbox, a chat or a signed webhook that hears of what you choose: an
            approval that is needed, a release that failed.
          </EmptyState>
        ) : (
          <ChannelTable
            project={project}
            channels={rows}
            onEdit={(of) => setDialog({ kind: "edit", of })}
            onDelete={(of) => setDialog({ kind: "delete", of })}
            onRotate={(of) => setDialog({ kind: "rotate", of })}
            onDeliveries={(of) => setDialog({ kind: "deliveries", of })}
          />
        )}
        <LoadMore {...channels} />
      </Panel>
      {dialog && <Opened project={project} dialog={dialog} onClose={() => setDialog(null)} />}
    </>
  );
}

interface OpenedProps {
  project: number;
  dialog: Dialog;
  onClose: () => void;
}

function Opened({ project, dialog, onClose }: OpenedProps) {
  if (dialog.kind === "new") {
    return <ChannelDialog project={project} channel={null} onClose={onClose} />;
  }
  const props = { project, channel: dialog.of, onClose };
  switch (dialog.kind) {
    case "edit":
      return <ChannelDialog {...props} />;
    case "rotate":
      return <RotateDialog {...props} />;
    case "deliveries":
      return <DeliveriesDialog {...props} />;
    case "delete":
      return <ChannelDeletion {...props} />;
  }
}

function ChannelDeletion({
  project,
  channel,
  onClose,
}: {
  project: number;
  channel: Channel;
  onClose: () => void;
}) {
  const changed = useChanged();
  const remove = $api.useMutation("delete", "/api/v1/projects/{project_pk}/notifications/{id}", {
    onSuccess: async () => {
      onClose();
      await changed();
    },
  });
  const path = { project_pk: String(project), id: String(channel.id) };
  return (
    <DeleteDialog
      title={`Delete the channel ${channel.name}?`}
      pending={remove.isPending}
      error={remove.error}
      onDelete={() => remove.mutate({ params: { path } })}
      onClose={onClose}
    >
      It hears of nothing any more, also of what waits to be sent; its deliveries go with it.
    </DeleteDialog>
  );
}
