import {
  Button,
  Group,
  Modal,
  Select,
  Stack,
  Switch,
  Text,
  Textarea,
  TextInput,
} from "@mantine/core";
import { type SyntheticEvent, useRef, useState } from "react";

import { fieldErrors } from "@/api/errors";
import { useMe } from "@/api/me";
import { ErrorNotice } from "@/components/ErrorNotice";

import { useImport } from "./useImport";

interface Props {
  project: number | undefined;
  opened: boolean;
  onClose: () => void;
}

export function ImportDialog({ project, opened, onClose }: Props) {
  return (
    <Modal opened={opened} onClose={onClose} title="Import cluster" size="lg">
      <ImportForm project={project} onClose={onClose} />
    </Modal>
  );
}

/** The kubeconfig is only ever in its box: read once, when it is sent, and taken out of it then. */
function ImportForm({ project, onClose }: Omit<Props, "opened">) {
  const { projects } = useMe();
  const open = projects.filter(({ permissions }) => permissions.includes("cluster_manage"));
  const [projectId, setProjectId] = useState(
    project ?? (open.length === 1 ? open[0]?.id : undefined),
  );
  const [name, setName] = useState("");
  const [context, setContext] = useState("");
  const [verify, setVerify] = useState(true);
  const box = useRef<HTMLTextAreaElement>(null);
  const { send, pending, error } = useImport(onClose);
  const fields = fieldErrors(error);

  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    if (!box.current || projectId === undefined) return;
    const kubeconfig = box.current.value;
    box.current.value = "";
    void send({
      name: name.trim(),
      project_id: projectId,
      kubeconfig,
      context: context.trim() || undefined,
      verify,
    });
  };

  return (
    <form onSubmit={submit} autoComplete="off">
      <Stack>
        <Select
          label="Project"
          placeholder="Choose a project"
          data={open.map(({ id, name: label }) => ({ value: String(id), label }))}
          value={projectId === undefined ? null : String(projectId)}
          onChange={(chosen) => setProjectId(chosen ? Number(chosen) : undefined)}
          error={fields.project_id}
          allowDeselect={false}
          required
        />
        <TextInput
          label="Name"
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          error={fields.name}
          maxLength={63}
          required
        />
        <Textarea
          ref={box}
          label="Kubeconfig"
          description="With its credential inside: a token, or a client certificate and key. It is stored encrypted and never shown again."
          error={fields.kubeconfig}
          styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)" } }}
          rows={8}
          autoComplete="off"
          spellCheck={false}
          required
        />
        <TextInput
          label="Context"
          description="Of the kubeconfig; its current one if this is empty"
          value={context}
          onChange={(event) => setContext(event.currentTarget.value)}
          error={fields.context}
          maxLength={253}
        />
        <Switch
          label="Ask the cluster before it is stored"
          checked={verify}
          onChange={(event) => setVerify(event.currentTarget.checked)}
        />
        {error !== null && (
          <>
            <ErrorNotice error={error} title="The cluster was not imported" />
            <Text size="sm" c="dimmed">
              The kubeconfig was not kept: paste it again to try once more.
            </Text>
          </>
        )}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            Close
          </Button>
          <Button type="submit" loading={pending} disabled={projectId === undefined}>
            Import
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
