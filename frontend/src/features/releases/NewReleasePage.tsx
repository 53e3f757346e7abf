import { Alert, Box, Button, Grid, Group, Select, Stack, Switch } from "@mantine/core";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { type SyntheticEvent, useState } from "react";

import { $api } from "@/api/client";
import { fieldErrors } from "@/api/errors";
import { ErrorNotice } from "@/components/ErrorNotice";
import { PageHeader } from "@/components/PageHeader";
import { Panel } from "@/components/Panel";

import { filledIn } from "./variables";
import { useReleaseChanged, useRevisions, useServices, useTargets } from "./queries";
import { StrategyField } from "./StrategyField";
import { VariableFields } from "./VariableFields";

/** Chooses what goes where; sending it makes a preview and changes nothing. */
export function NewReleasePage() {
  const search = useSearch({ from: "/shell/releases/new" });
  const navigate = useNavigate();
  const changed = useReleaseChanged();
  const [serviceId, setServiceId] = useState(search.service);
  const [targetId, setTargetId] = useState(search.target);
  const [revisionId, setRevisionId] = useState(search.revision);
  const [values, setValues] = useState<Record<string, string>>({});
  const [strategy, setStrategy] = useState<"rolling" | "recreate">("rolling");
  const [forceConflicts, setForceConflicts] = useState(search.force ?? false);

  const services = useServices(search.project);
  const service = services.data?.results.find(({ id }) => id === serviceId);
  const targets = useTargets(service?.project_id ?? search.project);
  const revisions = useRevisions(serviceId);
  const revision =
    revisions.data?.results.find(({ id }) => id === revisionId) ?? revisions.data?.results[0];
  const fitting = (targets.data?.results ?? []).filter(
    (target) => !service || target.runtime_type === service.runtime_type,
  );

  const preview = $api.useMutation("post", "/api/v1/deploy/releases/preview", {
    onSuccess: async (release) => {
      await navigate({ to: "/releases/$releaseId", params: { releaseId: release.release_id } });
      await changed(release);
    },
  });
  const fields = fieldErrors(preview.error);

  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    if (serviceId === undefined || targetId === undefined || !revision) return;
    preview.mutate({
      body: {
        service_id: serviceId,
        target_id: targetId,
        revision_id: revision.id,
        variables: filledIn(values, revision.variables),
        strategy,
        force_conflicts: service?.runtime_type === "k8s" && forceConflicts,
      },
    });
  };

  return (
    <Box maw={860}>
      <PageHeader
        title="New release"
        subtitle="First a preview: it renders, checks and compares with what runs now, and changes nothing."
      />
      <form onSubmit={submit}>
        <Stack>
          {preview.isError && (
            <ErrorNotice error={preview.error} title="The preview could not be made" />
          )}
          {services.isError && <ErrorNotice error={services.error} />}
          <Panel title="What goes where">
            <Grid>
              <Grid.Col span={{ base: 12, sm: 4 }}>
                <Select
                  label="Service"
                  placeholder="Choose a service"
                  data={(services.data?.results ?? []).map(toOption)}
                  value={serviceId === undefined ? null : String(serviceId)}
                  onChange={(value) => {
                    setServiceId(value ? Number(value) : undefined);
                    setTargetId(undefined);
                    setRevisionId(undefined);
                    setValues({});
                  }}
                  error={fields.service_id}
                  nothingFoundMessage="No service"
                  searchable
                  required
                />
              </Grid.Col>
              <Grid.Col span={{ base: 12, sm: 4 }}>
                <Select
                  label="Target"
                  placeholder="Choose a target"
                  data={fitting.map(toOption)}
                  value={targetId === undefined ? null : String(targetId)}
                  onChange={(value) => setTargetId(value ? Number(value) : undefined)}
                  error={fields.target_id}
                  disabled={!service}
                  nothingFoundMessage="No target of this runtime"
                  searchable
                  required
                />
              </Grid.Col>
              <Grid.Col span={{ base: 12, sm: 4 }}>
                <Select
                  label="Revision"
                  placeholder={serviceId === undefined ? "" : "No revision yet"}
                  data={(revisions.data?.results ?? []).map(({ id, number, note }) => ({
                    value: String(id),
                    label: note ? `r${number} · ${note}` : `r${number}`,
                  }))}
                  value={revision ? String(revision.id) : null}
                  onChange={(value) => {
                    setRevisionId(value ? Number(value) : undefined);
                    setValues({});
                  }}
                  error={fields.revision_id}
                  disabled={!service}
                  required
                  allowDeselect={false}
                />
              </Grid.Col>
            </Grid>
          </Panel>
          {service && revisions.data?.results.length === 0 && (
            <Alert color="yellow">
              This service has no revision yet, so there is nothing to release.
            </Alert>
          )}
          {revision && (
            <VariableFields
              variables={revision.variables ?? {}}
              values={values}
              errors={fields}
              onChange={(name, value) => setValues((current) => ({ ...current, [name]: value }))}
            />
          )}
          <Panel title="How">
            <Stack gap="md">
              <StrategyField
                runtime={service?.runtime_type ?? "compose"}
                value={strategy}
                onChange={setStrategy}
                error={fields.strategy}
              />
              {service?.runtime_type === "k8s" && (
                <Switch
                  label="Take over fields that another manager owns"
                  description="Without it, applying fails where fields of the manifest are somebody else's; the preview shows which."
                  checked={forceConflicts}
                  onChange={(event) => setForceConflicts(event.currentTarget.checked)}
                />
              )}
            </Stack>
          </Panel>
          <Group>
            <Button
              type="submit"
              loading={preview.isPending}
              disabled={!service || !fitting.some(({ id }) => id === targetId) || !revision}
            >
              Preview
            </Button>
          </Group>
        </Stack>
      </form>
    </Box>
  );
}

const toOption = ({ id, name }: { id: number; name: string }) => ({
  value: String(id),
  label: name,
});
