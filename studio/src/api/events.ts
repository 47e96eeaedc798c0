import { ApiError } from "./error";
import { open } from "./client";

/** One event of a stream. */
export interface StreamEvent {
  id: string;
  type: string;
  data: string;
}

/** Reads `text/event-stream` as it comes in pieces (https://html.spec.whatwg.org/multipage/server-sent-events.html). */
export class EventReader {
  #rest = "";
  #type = "";
  #data: string[] = [];
  /** The id of the last event, with which a stream goes on where it broke off. */
  lastId = "";
  /** How long the server wants to be left alone after a break, in milliseconds. */
  retry: number | null = null;

  /** The events that are complete with this piece. */
  push(piece: string): StreamEvent[] {
    const events: StreamEvent[] = [];
    const text = this.#rest + piece;
    // A line may end in the middle of CR LF.
    const lines = text.split(/\r\n|\n|\r(?!$)/);
    this.#rest = lines.pop() ?? "";
    for (const line of lines) {
      const event = this.#line(line);
      if (event) events.push(event);
    }
    return events;
  }

  #line(line: string): StreamEvent | null {
    if (line === "") {
      const event = this.#data.length > 0
        ? { id: this.lastId, type: this.#type || "message", data: this.#data.join("\n") }
        : null;
      this.#type = "";
      this.#data = [];
      return event;
    }
    const colon = line.indexOf(":");
    if (colon === 0) return null;
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "data") this.#data.push(value);
    else if (field === "event") this.#type = value;
    else if (field === "id" && !value.includes("\0")) this.lastId = value;
    else if (field === "retry" && /^\d+$/.test(value)) this.retry = Number(value);
    return null;
  }
}

/** The events of one answer as they come. It ends with the answer, however that ends; nothing is asked for again. */
export async function* eventsIn(body: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<StreamEvent> {
  const reader = new EventReader();
  const pieces = body.pipeThrough(new TextDecoderStream()).getReader();
  try {
    for (;;) {
      const { done, value } = await pieces.read();
      if (done) return;
      yield* reader.push(value);
    }
  } finally {
    // Who looks no further has the connection closed.
    await pieces.cancel().catch(() => undefined);
  }
}

/** What {@link follow} tells. */
export interface Followed {
  onEvent(event: StreamEvent): void;
  /** `live` while connected; `waiting` between two tries. */
  onState?(state: "live" | "waiting"): void;
  /** The stream cannot be had: not allowed, not there. */
  onError?(error: unknown): void;
  /** The server has ended the stream for good (204), or `isLast` said so. */
  onEnd?(): void;
  /** Whether nothing comes after this event. */
  isLast?(event: StreamEvent): boolean;
  /** Where to begin: the id of the last event that is known. */
  lastEventId?: string;
}

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 15_000;

/** How long to wait before try number `attempt`, with chance so that not all come back at once. */
export const backoff = (attempt: number, chance: number = Math.random()) =>
  Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** attempt) * (0.5 + chance / 2);

/**
 * Follows a stream of events until it is told to stop, and takes it up again where it broke off.
 *
 * By `fetch`, because `EventSource` cannot send headers: the credentials of a key pair, the workspace.
 */
export function follow(path: string, followed: Followed): () => void {
  const controller = new AbortController();
  void run(path, followed, controller.signal);
  return () => controller.abort();
}

async function run(path: string, followed: Followed, signal: AbortSignal): Promise<void> {
  let lastId = followed.lastEventId ?? "";
  let attempt = 0;
  while (!signal.aborted) {
    const reader = new EventReader();
    reader.lastId = lastId;
    try {
      const response = await open(path, { accept: "text/event-stream", ...(lastId && { "last-event-id": lastId }) }, signal);
      if (response.status === 204 || !response.body) return followed.onEnd?.();
      followed.onState?.("live");
      const pieces = response.body.pipeThrough(new TextDecoderStream()).getReader();
      for (;;) {
        const { done, value } = await pieces.read();
        if (done) break;
        for (const event of reader.push(value)) {
          attempt = 0;
          lastId = event.id;
          followed.onEvent(event);
          if (followed.isLast?.(event)) {
            await pieces.cancel();
            return followed.onEnd?.();
          }
        }
      }
    } catch (error) {
      if (signal.aborted) return;
      // What is refused stays refused; too many requests and faults pass.
      if (error instanceof ApiError && error.status >= 400 && error.status < 500 && error.status !== 429) {
        return followed.onError?.(error);
      }
    }
    if (signal.aborted) return;
    followed.onState?.("waiting");
    await sleep(reader.retry ?? backoff(attempt), signal);
    attempt += 1;
  }
}

const sleep = (ms: number, signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    }, { once: true });
  });
