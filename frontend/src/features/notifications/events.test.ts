import { expect, it } from "vitest";

import { eventLabel, EVENTS, eventsText, isEvent } from "./events";

it("says what a channel hears of, in a few words", () => {
  expect(eventsText([])).toBe("nothing");
  expect(eventsText(["release.failed"])).toBe("Release failed");
  expect(eventsText(EVENTS)).toBe("everything");
  expect(eventsText(EVENTS.slice(0, 5))).toBe(
    "Approval needed, Reminder of an approval, Approval grows urgent and 2 more",
  );
});

it("labels what it knows, and shows the rest as it is", () => {
  expect(eventLabel("cluster.expiring")).toBe("Cluster credential ends");
  expect(eventLabel("cluster.moved")).toBe("cluster.moved");
  expect(isEvent("cluster.moved")).toBe(false);
});
