import { Alert, Button, Code, Group, List, Stack, Text } from "@mantine/core";

import {
  describeError,
  errorDetails,
  errorHint,
  fieldErrors,
  lineErrors,
  toApiError,
} from "@/api/errors";

interface Props {
  error: unknown;
  title?: string;
  onRetry?: () => void;
}

/** An error of the contract in plain words, with what its data says and the id to quote. */
export function ErrorNotice({ error, title, onRetry }: Props) {
  const { code, message, request_id } = toApiError(error);
  const sentence = describeError(error);
  const lines = lineErrors(error);
  // The fields say it themselves; what is wrong with all of them together is told here.
  const said = code === "validation_error" ? (fieldErrors(error).body ?? "") : message;
  const details = errorDetails(error);
  const hint = errorHint(error);
  return (
    <Alert color="red" variant="light" title={title ?? sentence} role="alert">
      <Stack gap={6}>
        {title && <Text size="sm">{sentence}</Text>}
        {said && said !== sentence && <Text size="sm">{said}</Text>}
        {lines.length > 0 && (
          <List size="sm" spacing={2}>
            {lines.map((item) => (
              <List.Item key={`${item.path}:${item.line ?? ""}:${item.message}`}>
                {(item.path || item.line !== null) && (
                  <Code>
                    {[item.path, item.line && `line ${item.line}`].filter(Boolean).join(", ")}
                  </Code>
                )}{" "}
                {item.message}
              </List.Item>
            ))}
          </List>
        )}
        {hint && (
          <Text size="sm">
            <b>What to do:</b> {hint}
          </Text>
        )}
        {details.length > 0 && <Text size="sm">{details.join(" · ")}</Text>}
        <Group gap="sm">
          {onRetry && (
            <Button size="compact-xs" variant="default" onClick={onRetry}>
              Try again
            </Button>
          )}
          <Text size="xs" c="dimmed" ff="monospace">
            {[code, request_id].filter(Boolean).join(" · ")}
          </Text>
        </Group>
      </Stack>
    </Alert>
  );
}
