import {
  Button,
  Checkbox,
  Group,
  Modal,
  PasswordInput,
  SimpleGrid,
  Stack,
  Switch,
  TextInput,
} from "@mantine/core";
import { type SyntheticEvent, useState } from "react";

import { fieldErrors } from "@/api/errors";
import type { Channel } from "@/api/types";
import { ErrorNotice } from "@/components/ErrorNotice";

import { EVENT_LABELS, EVENTS, USUAL } from "./events";
import { KindField, URL_HINTS } from "./KindField";
import { useChannelWrites } from "./queries";
import { SigningSecret } from "./SigningSecret";

interface Props {
  project: number;
  /** Null: a new one. */
  channel: Channel | null;
  onClose: () => void;
}

/** A form; after it, for a new webhook, its signing secret. */
export function ChannelDialog({ project, channel, onClose }: Props) {
  const [secret, setSecret] = useState("");
  return (
    <Modal
      opened
      onClose={onClose}
      title={secret ? "Signing secret" : channel ? `Channel ${channel.name}` : "New channel"}
      size="lg"
      closeOnClickOutside={!secret}
      closeOnEscape={!secret}
    >
      {secret ? (
        <SigningSecret secret={secret} onClose={onClose} />
      ) : (
        <ChannelForm
          project={project}
          channel={channel}
          onClose={onClose}
          onSaved={(told) => (told ? setSecret(told) : onClose())}
        />
      )}
    </Modal>
  );
}

function ChannelForm({
  project,
  channel,
  onClose,
  onSaved,
}: Props & { onSaved: (secret: string) => void }) {
  const [kind, setKind] = useState(channel?.kind ?? "webhook");
  const [name, setName] = useState(channel?.name ?? "");
  const [url, setUrl] = useState("");
  const [events, setEvents] = useState(channel?.events ?? USUAL);
  const [enabled, setEnabled] = useState(channel?.enabled ?? true);
  const { create, change, pending, error } = useChannelWrites(project);
  const errors = fieldErrors(error);

  const submit = async (event: SyntheticEvent) => {
    event.preventDefault();
    const body = { name: name.trim(), events, enabled };
    const written = channel
      ? await change(channel, url.trim() ? { ...body, url: url.trim() } : body)
      : await create({ ...body, kind, url: url.trim() });
    if (written !== undefined) onSaved(written);
  };

  return (
    <form onSubmit={(event) => void submit(event)} autoComplete="off">
      <Stack>
        {!channel && <KindField value={kind} onChange={setKind} />}
        <TextInput
          label="Name"
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          error={errors.name}
          maxLength={63}
          required
          data-autofocus
        />
        <PasswordInput
          label="URL"
          description={
            channel ? `Now: ${channel.address}. Leave it empty to keep it.` : URL_HINTS[kind]
          }
          value={url}
          onChange={(event) => setUrl(event.currentTarget.value)}
          error={errors.url}
          maxLength={2000}
          autoComplete="off"
          required={!channel}
        />
        <Checkbox.Group
          label="Events"
          value={events}
          onChange={(values: string[]) => setEvents(EVENTS.filter((each) => values.includes(each)))}
          error={errors.events}
          size="xs"
        >
          <SimpleGrid cols={{ base: 1, xs: 2 }} spacing={6} verticalSpacing={6} mt={6}>
            {EVENTS.map((each) => (
              <Checkbox key={each} size="xs" value={each} label={EVENT_LABELS[each]} />
            ))}
          </SimpleGrid>
        </Checkbox.Group>
        <Switch
          label="Enabled"
          checked={enabled}
          onChange={(event) => setEnabled(event.currentTarget.checked)}
        />
        {error !== null && <ErrorNotice error={error} title="The channel was not saved" />}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            Close
          </Button>
          <Button type="submit" loading={pending}>
            {channel ? "Save" : "Create channel"}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
