import { useSyncExternalStore } from "react";

interface Clock {
  subscribe: (listener: () => void) => () => void;
  read: () => number;
}

/** One timer for all readers of a clock, however many rows show a time. */
function createClock(periodMs: number): Clock {
  const listeners = new Set<() => void>();
  let now = Date.now();
  let timer: ReturnType<typeof setInterval> | undefined;
  return {
    subscribe(listener) {
      if (listeners.size === 0) {
        now = Date.now();
        timer = setInterval(() => {
          now = Date.now();
          listeners.forEach((call) => call());
        }, periodMs);
      }
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
        if (listeners.size === 0) clearInterval(timer);
      };
    },
    read: () => now,
  };
}

const clocks = { second: createClock(1_000), minute: createClock(10_000) };

/** The current time in milliseconds, renewed every second or every ten. */
export function useNow(precision: keyof typeof clocks = "minute"): number {
  const clock = clocks[precision];
  return useSyncExternalStore(clock.subscribe, clock.read);
}
