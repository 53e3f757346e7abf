import { Alert, Button, Code, Group, Stack, Text } from "@mantine/core";
import { useClipboard } from "@mantine/hooks";

import { CheckIcon, CopyIcon } from "@/components/icons";

interface Props {
  secret: string;
  onClose: () => void;
}

/** What a receiver checks signatures with; there is no other moment to take it. */
export function SigningSecret({ secret, onClose }: Props) {
  const { copy, copied, error } = useClipboard({ timeout: 4_000 });
  return (
    <Stack>
      <Alert color="orange" title="Take the signing secret now: it is shown only this once">
        Give it to the receiver, which checks with it that a message comes from here, and is
        unchanged. It can&apos;t be read again, only replaced by a new one.
      </Alert>
      <Code block aria-label="Signing secret" style={{ overflowWrap: "anywhere" }}>
        {secret}
      </Code>
      {error && (
        <Text size="sm" role="alert">
          The browser does not let it be copied here: select it and copy it by hand.
        </Text>
      )}
      <Group justify="flex-end" gap="xs">
        <Button
          variant="default"
          leftSection={copied ? <CheckIcon size={14} /> : <CopyIcon size={14} />}
          onClick={() => copy(secret)}
        >
          {copied ? "Copied" : "Copy secret"}
        </Button>
        <Button onClick={onClose}>I have it</Button>
      </Group>
    </Stack>
  );
}
