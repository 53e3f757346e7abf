import { Button, Group, Modal, Select, Stack, TextInput } from "@mantine/core";
import { type SyntheticEvent, useState } from "react";

import { $api } from "@/api/client";
import { fieldErrors } from "@/api/errors";
import type { Environment } from "@/api/types";
import { ErrorNotice } from "@/components/ErrorNotice";
import { RUNTIME_LABELS } from "@/lib/runtimes";

import { AutoRollbackField, MaxParallelField, ProjectField } from "./fields";
import { useChanged, useClusters, useEnvironments } from "./queries";
import { EMPTY_TARGET, targetRequest } from "./targetRequest";

interface Props {
  project: number | undefined;
  opened: boolean;
  onClose: () => void;
}

export function TargetDialog({ project, opened, onClose }: Props) {
  return (
    <Modal opened={opened} onClose={onClose} title="New target">
      <TargetForm project={project} onClose={onClose} />
    </Modal>
  );
}

/** The environment decides the runtime; what else is asked for follows from that. */
function TargetForm({ project, onClose }: Omit<Props, "opened">) {
  const [projectId, setProjectId] = useState(project);
  const [environment, setEnvironment] = useState<Environment | null>(null);
  const [fields, setFields] = useState(EMPTY_TARGET);
  const changed = useChanged();
  const create = $api.useMutation("post", "/api/v1/deploy/targets", {
    onSuccess: async () => {
      onClose();
      await changed();
    },
  });
  const errors = fieldErrors(create.error);
  const set = (part: Partial<typeof fields>) => setFields((current) => ({ ...current, ...part }));

  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    if (environment) create.mutate({ body: targetRequest(fields, environment) });
  };

  return (
    <form onSubmit={submit}>
      <Stack>
        <ProjectField
          value={projectId}
          onChange={(chosen) => {
            setProjectId(chosen);
            setEnvironment(null);
            set({ clusterId: null });
          }}
          error={errors.project_id}
          permission="environment_manage"
        />
        <EnvironmentField
          key={projectId}
          project={projectId}
          value={environment}
          onChange={setEnvironment}
          error={errors.environment_id ?? errors.runtime_type}
        />
        <TextInput
          label="Name"
          value={fields.name}
          onChange={(event) => set({ name: event.currentTarget.value })}
          error={errors.name}
          maxLength={63}
          required
        />
        {environment?.runtime_type === "k8s" && (
          <>
            <ClusterField
              project={projectId}
              value={fields.clusterId}
              onChange={(clusterId) => set({ clusterId })}
              error={errors.cluster_id}
            />
            <TextInput
              label="Namespace"
              description="Small letters, digits and hyphens; objects go there that name none themselves"
              value={fields.namespace}
              onChange={(event) => set({ namespace: event.currentTarget.value })}
              error={errors.namespace}
              maxLength={63}
              required
            />
          </>
        )}
        {environment?.runtime_type === "compose" && (
          <MaxParallelField
            value={fields.maxParallel}
            onChange={(maxParallel) => set({ maxParallel })}
            error={errors.max_parallel}
          />
        )}
        <AutoRollbackField
          value={fields.autoRollback}
          onChange={(autoRollback) => set({ autoRollback })}
        />
        {create.isError && <ErrorNotice error={create.error} title="The target was not made" />}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            Close
          </Button>
          <Button type="submit" loading={create.isPending} disabled={!environment}>
            Create target
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

interface ChoiceProps<T> {
  project: number | undefined;
  value: T | null;
  onChange: (value: T | null) => void;
  error: string | undefined;
}

function EnvironmentField({ project, value, onChange, error }: ChoiceProps<Environment>) {
  const environments = useEnvironments(project).data?.results ?? [];
  return (
    <Select
      label="Environment"
      placeholder="Choose an environment"
      data={environments.map(({ id, name, tier, runtime_type: runtime }) => ({
        value: String(id),
        label: `${name} · ${tier} · ${RUNTIME_LABELS[runtime]}`,
      }))}
      value={value ? String(value.id) : null}
      onChange={(chosen) => onChange(environments.find(({ id }) => String(id) === chosen) ?? null)}
      error={error}
      disabled={project === undefined}
      nothingFoundMessage="No environment"
      searchable
      required
    />
  );
}

function ClusterField({ project, value, onChange, error }: ChoiceProps<number>) {
  const clusters = useClusters(project);
  const rows = clusters.data?.results ?? [];
  return (
    <Select
      label="Cluster"
      placeholder="Choose a cluster"
      description={
        clusters.isSuccess && rows.length === 0
          ? "The project has no cluster yet: import one on the Clusters page."
          : undefined
      }
      data={rows.map(({ id, name, version }) => ({
        value: String(id),
        label: version ? `${name} · ${version}` : name,
      }))}
      value={value === null ? null : String(value)}
      onChange={(chosen) => onChange(chosen ? Number(chosen) : null)}
      error={error}
      nothingFoundMessage="No cluster"
      searchable
      required
    />
  );
}
