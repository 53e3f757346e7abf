import { afterEach, beforeEach, expect, it, vi } from "vitest";

import { LogFollower, type LogPageLike, type LogStatus } from "./logFollower";

class StreamOfTest extends EventTarget {
  static readonly CLOSED = 2;
  static last: StreamOfTest | null = null;
  readyState = 1;
  onopen: (() => void) | null = null;
  onerror: (() => void) | null = null;

  constructor(readonly url: string) {
    super();
    StreamOfTest.last = this;
  }

  close(): void {
    this.readyState = 2;
  }

  send(data: object, name = "log"): void {
    this.dispatchEvent(new MessageEvent(name, { data: JSON.stringify(data) }));
  }
}

let stored = "";
let complete = false;
let text = "";
let status: LogStatus = "loading";

const fetchPage = vi.fn((after: number): Promise<LogPageLike> =>
  Promise.resolve({
    offset: after,
    next_offset: stored.length,
    text: stored.slice(after),
    complete,
  }),
);

const follow = () =>
  new LogFollower(
    { fetchPage, streamUrl: "/stream", continues: true, accepts: ({ node_id }) => node_id === 1 },
    {
      onText: (more) => (text += more),
      onStatus: (next) => (status = next),
    },
  );

beforeEach(() => {
  stored = "one\n";
  complete = false;
  text = "";
  fetchPage.mockClear();
  vi.stubGlobal("EventSource", StreamOfTest);
});

afterEach(() => vi.unstubAllGlobals());

it("goes on in the stream where the pages ended", async () => {
  const follower = follow();
  await follower.start();
  StreamOfTest.last?.send({ node_id: 1, offset: 4, text: "two\n" });
  StreamOfTest.last?.send({ node_id: 2, offset: 8, text: "other\n" });
  expect(text).toBe("one\ntwo\n");
  follower.stop();
});

it("drops what the stream repeats and fetches what it skipped", async () => {
  const follower = follow();
  await follower.start();
  StreamOfTest.last?.send({ node_id: 1, offset: 0, text: "one\n" });
  expect(text).toBe("one\n");
  stored = "one\ntwo\nthree\n";
  StreamOfTest.last?.send({ node_id: 1, offset: 8, text: "three\n" });
  await vi.waitFor(() => expect(text).toBe("one\ntwo\nthree\n"));
  follower.stop();
});

it("polls when the stream is refused, until the log is complete", async () => {
  vi.useFakeTimers();
  const follower = follow();
  await follower.start();
  StreamOfTest.last?.close();
  StreamOfTest.last?.onerror?.();
  expect(status).toBe("polling");
  stored = "one\ntwo\n";
  complete = true;
  await vi.advanceTimersByTimeAsync(2_500);
  expect(text).toBe("one\ntwo\n");
  expect(status).toBe("complete");
  vi.useRealTimers();
});

it("reads what is left when the stream ends, and does not come back", async () => {
  await follow().start();
  stored = "one\nlast\n";
  StreamOfTest.last?.send({}, "end");
  await vi.waitFor(() => expect(status).toBe("complete"));
  expect(text).toBe("one\nlast\n");
  expect(StreamOfTest.last?.readyState).toBe(StreamOfTest.CLOSED);
});
