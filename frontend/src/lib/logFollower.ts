/**
 * Follows an offset-addressed log: pages up to the end, then the stream from there on.
 * The stream may start earlier, repeat or skip: whatever does not continue at our offset is
 * dropped or fetched as a page, so no byte is lost or doubled. Without a stream it polls.
 */

export interface LogSlice {
  offset: number;
  text: string;
}

export interface LogPageLike extends LogSlice {
  next_offset: number;
  complete: boolean;
}

export type LogStatus = "loading" | "live" | "polling" | "complete" | "failed";

export interface LogSource {
  fetchPage: (after: number) => Promise<LogPageLike>;
  /** Null when there is nothing to wait for: then the pages are all there is. */
  streamUrl: string | null;
  /** Whether the stream's offsets are the pages' own; else a message only says "look again". */
  continues: boolean;
  /** Whether a message of the stream belongs to this log. */
  accepts: (message: Record<string, unknown>) => boolean;
}

interface Sink {
  onText: (text: string) => void;
  onStatus: (status: LogStatus, error?: unknown) => void;
}

const POLL_MS = 2_000;
const encoder = new TextEncoder();

export class LogFollower {
  private next = 0;
  private stopped = false;
  private stale = false;
  private stream: EventSource | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private catchingUp: Promise<boolean> | null = null;

  constructor(
    private readonly source: LogSource,
    private readonly sink: Sink,
  ) {}

  async start(): Promise<void> {
    this.sink.onStatus("loading");
    const complete = await this.catchUp();
    if (this.isStopped()) return;
    if (complete || this.source.streamUrl === null) this.finish();
    else this.openStream(this.source.streamUrl);
  }

  stop(): void {
    this.stopped = true;
    this.stream?.close();
    clearTimeout(this.timer);
  }

  /** A method, so that the compiler does not carry a check over an await. */
  private isStopped(): boolean {
    return this.stopped;
  }

  private finish(): void {
    this.stop();
    this.sink.onStatus("complete");
  }

  /** Reads pages until there is nothing more; true when the log is complete. */
  private catchUp(): Promise<boolean> {
    this.stale = true;
    this.catchingUp ??= this.readPages().finally(() => {
      this.catchingUp = null;
    });
    return this.catchingUp;
  }

  private async readPages(): Promise<boolean> {
    let complete = false;
    try {
      // What is asked for while a page is under way may not be in it: then once more.
      while (this.stale) {
        this.stale = false;
        const page = await this.source.fetchPage(this.next);
        if (this.isStopped()) return false;
        complete = page.complete;
        if (page.next_offset > this.next) {
          this.append(page.text, page.next_offset);
          this.stale = !complete;
        }
      }
    } catch (error) {
      if (!this.isStopped()) this.sink.onStatus("failed", error);
    }
    return complete;
  }

  private append(text: string, next: number): void {
    this.next = next;
    if (text) this.sink.onText(text);
  }

  private openStream(url: string): void {
    const stream = new EventSource(url);
    this.stream = stream;
    stream.onopen = () => this.sink.onStatus("live");
    stream.onerror = () => {
      // The browser reconnects by itself unless it was refused for good.
      if (stream.readyState === EventSource.CLOSED) this.poll();
    };
    stream.addEventListener("log", (event) => this.onMessage(String(event.data)));
    stream.addEventListener("end", () => {
      stream.close();
      void this.catchUp().then(() => this.finish());
    });
  }

  private onMessage(data: string): void {
    const message = JSON.parse(data) as LogSlice & Record<string, unknown>;
    if (!this.source.accepts(message)) return;
    const end = message.offset + encoder.encode(message.text).length;
    if (this.source.continues && !this.catchingUp) {
      if (end <= this.next) return;
      if (message.offset === this.next) {
        this.append(message.text, end);
        return;
      }
    }
    void this.refresh();
  }

  private async refresh(): Promise<void> {
    if ((await this.catchUp()) && !this.isStopped()) this.finish();
  }

  private poll(): void {
    if (this.stopped) return;
    this.stream?.close();
    this.sink.onStatus("polling");
    const again = async () => {
      await this.refresh();
      if (!this.isStopped()) this.timer = setTimeout(() => void again(), POLL_MS);
    };
    this.timer = setTimeout(() => void again(), POLL_MS);
  }
}
