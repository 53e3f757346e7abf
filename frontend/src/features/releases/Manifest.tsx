import { Button, CopyButton, Group } from "@mantine/core";

import { EmptyState } from "@/components/EmptyState";
import { Panel } from "@/components/Panel";

import classes from "./Manifest.module.css";

export function Manifest({ text }: { text: string }) {
  if (!text) {
    return (
      <Panel>
        <EmptyState title="No manifest was kept" />
      </Panel>
    );
  }
  return (
    <Panel
      title="Rendered manifest"
      aside={
        <Group>
          <CopyButton value={text}>
            {({ copied, copy }) => (
              <Button size="compact-xs" variant="default" onClick={copy}>
                {copied ? "Copied" : "Copy"}
              </Button>
            )}
          </CopyButton>
        </Group>
      }
      flush
    >
      {/* Scrollable, so it has to be reachable by keyboard. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <pre className={classes.code} tabIndex={0} aria-label="Rendered manifest">
        {text}
      </pre>
    </Panel>
  );
}
