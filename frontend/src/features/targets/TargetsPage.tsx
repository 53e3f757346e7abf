import { Button, Group, Stack } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useSearch } from "@tanstack/react-router";

import { useMe } from "@/api/me";
import { PlusIcon } from "@/components/icons";
import { PageHeader } from "@/components/PageHeader";

import { ServiceDialog } from "./ServiceDialog";
import { ServicesPanel } from "./ServicesPanel";
import { TargetDialog } from "./TargetDialog";
import { TargetsPanel } from "./TargetsPanel";

/** What can be released, and where to. */
export function TargetsPage() {
  const { project } = useSearch({ from: "/shell/targets" });
  const [targetOpen, target] = useDisclosure();
  const [serviceOpen, service] = useDisclosure();
  const { projects } = useMe();
  const may = (permission: string) =>
    projects.some(
      ({ id, permissions }) =>
        (project === undefined || id === project) && permissions.includes(permission),
    );
  return (
    <>
      <PageHeader
        title="Targets and services"
        subtitle="A service is what is released, a target is a place that takes it."
        actions={
          <Group gap="xs">
            {may("release_apply") && (
              <Button variant="default" leftSection={<PlusIcon size={14} />} onClick={service.open}>
                New service
              </Button>
            )}
            {may("environment_manage") && (
              <Button leftSection={<PlusIcon size={14} />} onClick={target.open}>
                New target
              </Button>
            )}
          </Group>
        }
      />
      <Stack>
        <TargetsPanel project={project} />
        <ServicesPanel project={project} />
      </Stack>
      <TargetDialog project={project} opened={targetOpen} onClose={target.close} />
      <ServiceDialog project={project} opened={serviceOpen} onClose={service.close} />
    </>
  );
}
