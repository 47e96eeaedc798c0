import { afterEach, expect, it, vi } from "vitest";
import { ask } from "./stream";

afterEach(() => vi.unstubAllGlobals());

const REPLY = { ok: true, answer: "Hello you", finish_reason: "stop", model: "m", usage: { input: 1, output: 2 }, cost_usd: null, latency_ms: 9, first_text_ms: 3, error: null };
const event = (type: string, data: unknown) => `event: ${type}\ndata: ${JSON.stringify(data)}\n\n`;
const asked = { messages: [{ role: "user" as const, content: "Hi" }] };

/** Lets the server say these pieces; null breaks the connection. */
function answers(...pieces: (string | null)[]) {
  const requests: Request[] = [];
  vi.stubGlobal("fetch", (request: Request) => {
    requests.push(request);
    const body = new ReadableStream({
      start(stream) {
        for (const piece of pieces) {
          if (piece === null) return stream.error(new TypeError("network error"));
          stream.enqueue(new TextEncoder().encode(piece));
        }
        stream.close();
      },
    });
    return Promise.resolve(new Response(body, { headers: { "content-type": "text/event-stream" } }));
  });
  return requests;
}

async function told(signal = new AbortController().signal) {
  const texts: string[] = [];
  const ended = await ask("m/1", asked, signal, (text) => texts.push(text));
  return { texts, ...ended };
}

it("tells the text as it grows, and what became of it", async () => {
  const [piece, rest] = [event("text", { text: "Hello " }), event("text", { text: "you" })];
  const requests = answers(piece.slice(0, 9), `${piece.slice(9)}: alive\n\n${rest}`, event("answer", REPLY));
  const { texts, outcome } = await told();
  expect(texts).toEqual(["Hello ", "Hello you"]);
  expect(outcome).toEqual({ state: "done", text: "Hello you", reply: REPLY });
  const [request] = requests;
  expect([request?.method, new URL(request?.url ?? "").pathname, request?.headers.get("accept"), await request?.json()]).toEqual(["POST", "/api/v1/models/m%2F1/chat", "text/event-stream", asked]);
});

it("keeps what was said when the stream breaks off", async () => {
  for (const end of [[], [null]]) {
    answers(event("text", { text: "Hel" }), ...end);
    // A connection that breaks may take with it what was not read yet.
    const { outcome } = await told();
    expect(outcome.state).toBe("broken");
    if (end.length === 0) expect(outcome.text).toBe("Hel");
  }
});

it("keeps the reason that a model gave", async () => {
  answers(event("answer", { ...REPLY, ok: false, answer: null, error: { kind: "target_unreachable", message: "no" } }));
  expect((await told()).outcome).toMatchObject({ state: "done", text: "", reply: { error: { kind: "target_unreachable" } } });
});

it("tells what the API refuses, and nobody answering", async () => {
  const problem = { status: 422, title: "Wrong", detail: "Check /temperature.", type: "t", errors: [{ field: "/temperature", message: "must be from 0 to 2" }] };
  vi.stubGlobal("fetch", () => Promise.resolve(new Response(JSON.stringify(problem), { status: 422, headers: { "content-type": "application/problem+json" } })));
  const refused = await told();
  expect(refused.outcome).toMatchObject({ state: "failed", refused: { offline: false, message: "Check /temperature." } });
  expect([...refused.fields]).toEqual([["/temperature", "must be from 0 to 2"]]);
  vi.stubGlobal("fetch", () => Promise.reject(new TypeError("no network")));
  expect((await told()).outcome).toMatchObject({ state: "failed", refused: { offline: true } });
});

it("is stopped", async () => {
  const controller = new AbortController();
  vi.stubGlobal("fetch", () => {
    controller.abort();
    return Promise.reject(new DOMException("stopped", "AbortError"));
  });
  expect((await told(controller.signal)).outcome).toEqual({ state: "stopped", text: "" });
});
