import { Button, Group, Modal, Select, Stack, TextInput } from "@mantine/core";
import { type SyntheticEvent, useState } from "react";

import { $api } from "@/api/client";
import { fieldErrors } from "@/api/errors";
import type { Service } from "@/api/types";
import { ErrorNotice } from "@/components/ErrorNotice";
import { RUNTIME_LABELS } from "@/lib/runtimes";

import { ProjectField } from "./fields";
import { ManifestField } from "./ManifestField";
import { useChanged } from "./queries";

interface Props {
  project: number | undefined;
  opened: boolean;
  onClose: () => void;
}

export function ServiceDialog({ project, opened, onClose }: Props) {
  return (
    <Modal opened={opened} onClose={onClose} title="New service" size="lg">
      <ServiceForm project={project} onClose={onClose} />
    </Modal>
  );
}

/** A service and, if its manifest is given, its first revision. */
function ServiceForm({ project, onClose }: Omit<Props, "opened">) {
  const [projectId, setProjectId] = useState(project);
  const [name, setName] = useState("");
  const [runtime, setRuntime] = useState<Service["runtime_type"]>("compose");
  const [manifest, setManifest] = useState("");
  const [made, setMade] = useState<Service | null>(null);
  const changed = useChanged();
  const done = async () => {
    onClose();
    await changed();
  };
  const revise = $api.useMutation("post", "/api/v1/deploy/services/{service_pk}/revisions", {
    onSuccess: done,
    // The service is there all the same.
    onError: changed,
  });
  const addManifest = ({ id }: Service) =>
    revise.mutate({ params: { path: { service_pk: String(id) } }, body: { manifest, note: "" } });
  const create = $api.useMutation("post", "/api/v1/deploy/services", {
    onSuccess: async (service) => {
      setMade(service);
      if (manifest.trim()) addManifest(service);
      else await done();
    },
  });
  const errors = { ...fieldErrors(create.error), ...fieldErrors(revise.error) };

  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    if (made) addManifest(made);
    else if (projectId !== undefined) {
      create.mutate({ body: { name: name.trim(), project_id: projectId, runtime_type: runtime } });
    }
  };

  return (
    <form onSubmit={submit}>
      <Stack>
        {!made && (
          <>
            <ProjectField
              value={projectId}
              onChange={setProjectId}
              error={errors.project_id}
              permission="release_apply"
            />
            <TextInput
              label="Name"
              description="Small letters, digits and hyphens"
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
              error={errors.name}
              maxLength={63}
              required
            />
            <Select
              label="Runtime"
              data={Object.entries(RUNTIME_LABELS).map(([value, label]) => ({ value, label }))}
              value={runtime}
              onChange={(value) => setRuntime(value === "k8s" ? "k8s" : "compose")}
              error={errors.runtime_type}
              allowDeselect={false}
            />
          </>
        )}
        <ManifestField
          runtime={runtime}
          value={manifest}
          onChange={setManifest}
          error={errors.manifest}
          required={made !== null}
        />
        {create.isError && <ErrorNotice error={create.error} title="The service was not made" />}
        {revise.isError && (
          <ErrorNotice
            error={revise.error}
            title={`The service ${made?.name ?? ""} was made, but not its first revision`}
          />
        )}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            Close
          </Button>
          <Button
            type="submit"
            loading={create.isPending || revise.isPending}
            disabled={projectId === undefined}
          >
            {made ? "Create revision" : "Create service"}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
