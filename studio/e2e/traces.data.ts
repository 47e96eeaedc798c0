import { createHash } from "node:crypto";
import type { User } from "./harness";

/** Whoever can ask the API: a person of a walk, or the bench. */
type Asker = Pick<User, "api">;

const id = (text: string, length: number) => createHash("sha256").update(text).digest("hex").slice(0, length);
const at = (start: number, ms: number) => new Date(start + ms).toISOString();

/** What a trace of every kind of content is called and where it is found. */
export interface Seeded {
  trace: string;
  large: string;
  session: string;
  person: string;
  environment: string;
}

const PIXELS = "iVBORw0KGgoAAAANSUhEUgAAAAoAAAAKCAYAAACNMs+9AAAAFUlEQVR42mNk+M9Qz0AEYBxVSF+FABJADveWkH6oAAAAAElFTkSuQmCC";
const CANARY = '<img src=x onerror="document.title=\'pwned\'"><script>document.title="pwned"</script> **bold** [link](javascript:alert(1))';

/** Sends a trace with every kind of content, one of `count` observations, and a conversation of three turns. */
export async function seedTraces(user: User, name: string, count: number): Promise<Seeded> {
  const start = Date.now() - 60_000;
  const trace = id(`${name} rich`, 32);
  const session = `session-${name}`;
  const person = `person-${name}`;
  const environment = `env-${name}`;
  const step = (key: string, parent: string | null, type: string, from: number, to: number, more: object) => ({
    id: id(trace + key, 16), trace_id: trace, parent_id: parent && id(trace + parent, 16), type, name: key, start_time: at(start, from), end_time: at(start, to), ...more,
  });
  const media = await upload(user, trace);
  await user.api("POST", "/api/v1/ingest", {
    traces: [{
      id: trace, name: `${name} rich`, timestamp: at(start, 0), user_id: person, session_id: session, environment, release: "2026.11", version: "7", tags: ["refund", "vip"],
      input: { messages: [{ role: "user", content: "Where is my parcel?" }] }, output: { role: "assistant", content: "It arrives **tomorrow**." }, metadata: { plan: "pro", canary: CANARY },
    }],
    observations: [
      step("support agent", null, "AGENT", 0, 4200, { input: "Where is my parcel?", output: "It arrives tomorrow." }),
      step("plan", "support agent", "CHAIN", 40, 400, { input: { question: "Where is my parcel?", limits: { steps: 8 } }, output: ["look up the order", "answer"] }),
      step("search", "support agent", "RETRIEVER", 420, 900, { input: "parcel delivery", output: [{ id: "doc-1", content: "Parcels take two days." }, { id: "doc-2", content: "A".repeat(9000) }] }),
      step("lookup_order", "support agent", "TOOL", 950, 1500, { level: "ERROR", status_message: `The order service answered 503. ${CANARY}`, input: { order_id: "A1003" }, output: { error: "unavailable" } }),
      step("lookup_order again", "support agent", "TOOL", 1520, 1900, { level: "WARNING", status_message: "Slow answer.", input: { order_id: "A1003" }, output: { status: "shipped", eta: "tomorrow" } }),
      step("answer", "support agent", "GENERATION", 1950, 4100, {
        model: "gpt-4o-mini", model_parameters: { temperature: 0.2 }, completion_start_time: at(start, 2300), usage: { input: 812, output: 64 }, cost_usd: 0.00016,
        input: [
          { role: "system", content: "You help customers. Answer in **one** sentence." },
          { role: "user", content: [{ type: "text", text: "Where is my parcel? Here is the label." }, { type: "image_url", image_url: { url: `data:image/png;base64,${PIXELS}` } }, { type: "text", text: media }] },
          { role: "assistant", content: null, tool_calls: [{ id: "c1", type: "function", function: { name: "lookup_order", arguments: '{"order_id":"A1003"}' } }] },
          { role: "tool", tool_call_id: "c1", content: '{"status":"shipped"}' },
        ],
        output: { role: "assistant", content: `It arrives **tomorrow**. ${CANARY}` },
      }),
      step("guard", "answer", "GUARDRAIL", 4000, 4050, { output: { allowed: true } }),
      step("delivered", "support agent", "EVENT", 4150, 4150, { output: "sent to the customer" }),
    ],
    scores: [
      { trace_id: trace, name: "helpfulness", value: 0.82, data_type: "NUMERIC", source: "EVAL", comment: `Says when it arrives. ${CANARY}` },
      { trace_id: trace, observation_id: id(`${trace}answer`, 16), name: "polite", value: 1, data_type: "BOOLEAN", source: "API" },
    ],
  });
  const turns = ["I want a refund.", "For order A1004.", "Thank you."].map((input, turn) => ({
    id: id(`${name} turn ${turn}`, 32), name: `${name} turn`, timestamp: at(start, 10_000 + turn * 5000), session_id: session, user_id: person, environment,
    input, output: `Answer ${turn + 1}: we are on it.`,
  }));
  await user.api("POST", "/api/v1/ingest", {
    traces: turns,
    observations: turns.map((one, turn) => ({ id: id(one.id, 16), trace_id: one.id, type: "GENERATION", name: "reply", model: "gpt-4o-mini", start_time: one.timestamp, end_time: at(start, 10_900 + turn * 5000), usage: { input: 40, output: 12 }, input: one.input, output: one.output })),
  });
  const large = await seedLarge(user, `${name} large`, environment, count);
  return { trace, large, session, person, environment };
}

/** Sends a trace of `count` observations, three levels deep, and tells its id. */
export async function seedLarge(user: Asker, name: string, environment: string, count: number): Promise<string> {
  const trace = id(name, 32);
  const start = Date.now() - 120_000;
  const spans = Array.from({ length: count }, (_, n) => {
    // A root, below it steps of ten, each with nine below it.
    const parent = n === 0 ? null : n % 10 === 1 || n < 2 ? 0 : n - ((n - 1) % 10);
    return {
      id: id(`${trace}${n}`, 16), trace_id: trace, parent_id: parent === null ? null : id(`${trace}${parent}`, 16), type: n === 0 ? "AGENT" : n % 10 === 1 ? "CHAIN" : n % 3 === 0 ? "TOOL" : "SPAN",
      name: n === 0 ? "crawl" : n % 10 === 1 ? `page ${(n - 1) / 10}` : `step ${n}`, level: n === 7777 ? "ERROR" : "DEFAULT",
      start_time: at(start, n * 5), end_time: at(start, n === 0 ? count * 5 : n % 10 === 1 ? n * 5 + 48 : n * 5 + 4),
    };
  });
  for (let from = 0; from < spans.length; from += 5000) {
    await user.api("POST", "/api/v1/ingest", { traces: from === 0 ? [{ id: trace, name, timestamp: at(start, 0), environment }] : [], observations: spans.slice(from, from + 5000) });
  }
  return trace;
}

/** Uploads a picture as Langfuse's clients do, and gives the text that refers to it. */
async function upload(user: User, traceId: string): Promise<string> {
  const bytes = Buffer.from(PIXELS, "base64");
  const { mediaId, uploadUrl } = await user.api<{ mediaId: string; uploadUrl: string | null }>("POST", "/api/public/media", {
    traceId, field: "input", contentType: "image/png", contentLength: bytes.length, sha256Hash: createHash("sha256").update(bytes).digest("base64"),
  });
  if (uploadUrl) {
    const address = new URL(uploadUrl);
    const answer = await fetch(new URL(address.pathname + address.search, process.env.ASSAY_URL), { method: "PUT", headers: { "content-type": "image/png" }, body: bytes });
    await user.api("PATCH", `/api/public/media/${mediaId}`, { uploadedAt: new Date().toISOString(), uploadHttpStatus: answer.status });
  }
  return `@@@langfuseMedia:type=image/png|id=${mediaId}|source=bytes@@@`;
}
