import { Button, Group, Loader, Text } from "@mantine/core";
import { memo, useLayoutEffect, useMemo, useRef, useState } from "react";

import { readableLog, splitBlocks } from "@/lib/logText";
import type { FollowedLog } from "@/lib/useFollowedLog";

import { ErrorNotice } from "./ErrorNotice";
import { ArrowDownIcon } from "./icons";
import classes from "./LogView.module.css";
import { Pill } from "./Pill";

const STATUS = {
  loading: { label: "Loading", color: "gray", animated: true },
  live: { label: "Live", color: "cyan", animated: true },
  polling: { label: "Live, by polling", color: "cyan", animated: true },
  complete: { label: "Complete", color: "gray", animated: false },
  failed: { label: "Interrupted", color: "red", animated: false },
} as const;

const NEAR_END_PX = 24;

/** A growing log: follows its end until the reader scrolls up. */
export function LogView({ log, label }: { log: FollowedLog; label: string }) {
  const frame = useRef<HTMLDivElement>(null);
  const [following, setFollowing] = useState(true);
  const blocks = useMemo(() => splitBlocks(log.text), [log.text]);
  const { label: statusLabel, color, animated } = STATUS[log.status];

  useLayoutEffect(() => {
    if (following && frame.current) frame.current.scrollTop = frame.current.scrollHeight;
  }, [following, blocks]);

  const onScroll = () => {
    const element = frame.current;
    if (!element) return;
    const left = element.scrollHeight - element.scrollTop - element.clientHeight;
    setFollowing(left < NEAR_END_PX);
  };

  return (
    <div className={classes.box}>
      <Group justify="space-between" px="sm" py={6} className={classes.bar}>
        <Pill color={color} animated={animated}>
          {statusLabel}
        </Pill>
        {log.trimmed && (
          <Text size="xs" c="dimmed">
            Earlier output is left out here
          </Text>
        )}
        {!following && (
          <Button
            size="compact-xs"
            variant="default"
            leftSection={<ArrowDownIcon size={14} />}
            onClick={() => setFollowing(true)}
          >
            Follow the end
          </Button>
        )}
      </Group>
      {log.status === "failed" && <ErrorNotice error={log.error} title="The log was interrupted" />}
      <div
        ref={frame}
        className={classes.frame}
        onScroll={onScroll}
        role="log"
        aria-label={label}
        aria-live="off"
        // Scrollable, so it has to be reachable by keyboard.
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        tabIndex={0}
      >
        {log.status === "loading" && !log.text ? (
          <Loader size="xs" m="sm" aria-label="Loading the log" />
        ) : blocks.length === 0 ? (
          <Text size="sm" p="sm" c="dimmed">
            {log.status === "complete" ? "There was no output." : "No output yet."}
          </Text>
        ) : (
          blocks.map((block, index) => <Block key={index} text={block} />)
        )}
      </div>
    </div>
  );
}

const Block = memo(function Block({ text }: { text: string }) {
  return <pre className={classes.block}>{readableLog(text)}</pre>;
});
