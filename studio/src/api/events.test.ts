import { expect, it } from "vitest";
import { backoff, EventReader, eventsIn } from "./events";

it("reads events however they are cut", () => {
  const text = ": hello\r\nid: 1\r\nevent: step\r\ndata: a\r\ndata: b\r\n\r\nretry: 250\ndata:{\"x\": 1}\n\nid: 3\n\ndata: unfinished";
  const whole = new EventReader().push(text);
  expect(whole).toEqual([
    { id: "1", type: "step", data: "a\nb" },
    { id: "1", type: "message", data: '{"x": 1}' },
  ]);
  for (let size = 1; size < 9; size += 1) {
    const reader = new EventReader();
    const events = [];
    for (let at = 0; at < text.length; at += size) events.push(...reader.push(text.slice(at, at + size)));
    expect(events).toEqual(whole);
    expect([reader.lastId, reader.retry]).toEqual(["3", 250]);
  }
});

it("waits longer each time, and not without end", () => {
  expect([backoff(0, 1), backoff(3, 1), backoff(30, 1), backoff(0, 0)]).toEqual([500, 4000, 15_000, 250]);
});

it("reads the events of one answer, and closes it when nobody looks further", async () => {
  const bytes = new TextEncoder().encode('event: text\ndata: "é"\n\nevent: text\ndata: 2\n\ndata: cut off');
  let closed = false;
  const body = () => new ReadableStream<Uint8Array<ArrayBuffer>>({
    // One byte at a time: letters come in pieces as well.
    start: (stream) => bytes.forEach((byte) => stream.enqueue(new Uint8Array([byte]))),
    pull: (stream) => stream.close(),
    cancel: () => { closed = true; },
  });
  const data: string[] = [];
  for await (const event of eventsIn(body())) data.push(event.data);
  expect(data).toEqual(['"é"', "2"]);
  for await (const event of eventsIn(body())) if (event.data) break;
  expect(closed).toBe(true);
});
