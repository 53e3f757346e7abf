import { useEffect, useState } from "react";

import { LogFollower, type LogSource, type LogStatus } from "./logFollower";

export interface FollowedLog {
  text: string;
  status: LogStatus;
  error: unknown;
  /** Older output left out to keep the page light. */
  trimmed: boolean;
}

const EMPTY: FollowedLog = { text: "", status: "loading", error: null, trimmed: false };
const KEEP_CHARS = 2_000_000;
const FLUSH_MS = 150;

/** The log as it grows. `source` must be memoised: a new one starts over. */
export function useFollowedLog(source: LogSource): FollowedLog {
  const [state, setState] = useState({ source, log: EMPTY });

  useEffect(() => {
    let pending = "";
    let timer: ReturnType<typeof setTimeout> | undefined;
    let log = EMPTY;
    const flush = () => {
      timer = undefined;
      const text = log.text + pending;
      pending = "";
      const trimmed = log.trimmed || text.length > KEEP_CHARS;
      log = { ...log, trimmed, text: text.length > KEEP_CHARS ? lastLines(text) : text };
      setState({ source, log });
    };
    const follower = new LogFollower(source, {
      onText(text) {
        pending += text;
        timer ??= setTimeout(flush, FLUSH_MS);
      },
      onStatus(status, error = null) {
        log = { ...log, status, error };
        flush();
      },
    });
    void follower.start();
    return () => {
      follower.stop();
      clearTimeout(timer);
    };
  }, [source]);

  return state.source === source ? state.log : EMPTY;
}

function lastLines(text: string): string {
  const tail = text.slice(-KEEP_CHARS / 2);
  return tail.slice(tail.indexOf("\n") + 1);
}
