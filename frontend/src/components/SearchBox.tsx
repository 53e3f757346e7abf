import { CloseButton, type MantineStyleProp, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { useState } from "react";

import { SearchIcon } from "./icons";

interface Props {
  label: string;
  placeholder?: string;
  value: string;
  onChange: (q?: string) => void;
  w?: number;
  style?: MantineStyleProp;
}

/** Text to look for; reported when the typing pauses, undefined when there is none. */
export function SearchBox({ label, placeholder = "Search", value, onChange, ...look }: Props) {
  const [text, setText] = useState(value);
  const [known, setKnown] = useState(value);
  if (value !== known) {
    setKnown(value);
    // Cleared from outside; any other value is what was typed here, maybe a moment ago.
    if (value === "") setText("");
  }
  const report = useDebouncedCallback((next: string) => onChange(next.trim() || undefined), 300);
  const change = (next: string) => {
    setText(next);
    report(next);
  };
  return (
    <TextInput
      aria-label={label}
      placeholder={placeholder}
      w={180}
      leftSection={<SearchIcon size={14} />}
      value={text}
      onChange={(event) => change(event.currentTarget.value)}
      rightSection={
        text && <CloseButton size="xs" aria-label="Clear search" onClick={() => change("")} />
      }
      {...look}
    />
  );
}
