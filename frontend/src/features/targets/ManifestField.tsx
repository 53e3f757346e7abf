import { Textarea } from "@mantine/core";

import type { Service } from "@/api/types";

const PLACEHOLDERS: Record<Service["runtime_type"], string> = {
  compose: "services:\n  web:\n    image: registry.example.net/web:${TAG:-1}",
  k8s: "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\n…",
};

interface Props {
  runtime: Service["runtime_type"];
  value: string;
  onChange: (value: string) => void;
  error: string | undefined;
  required?: boolean;
}

export function ManifestField({ runtime, value, onChange, error, required = false }: Props) {
  return (
    <Textarea
      label="Manifest"
      description={
        "YAML; ${NAME} and ${NAME:-default} are filled in for each release" +
        (required ? "" : ". It can follow later")
      }
      placeholder={PLACEHOLDERS[runtime]}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      error={error}
      styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)" } }}
      autosize
      minRows={6}
      maxRows={18}
      spellCheck={false}
      required={required}
    />
  );
}
