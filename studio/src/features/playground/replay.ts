import { chatOf, type Message, type Part, unpacked } from "@/lib/chat";
import { canonical } from "./canonical";
import type { Content, Role, Sent, Settings, ToolCall } from "./types";

/** What of a trace has no place in the playground, by kind; the page says it in words. */
export type Lost =
  | { kind: "part"; name: string }
  | { kind: "name" }
  | { kind: "role"; name: string }
  | { kind: "picture" }
  | { kind: "file"; name: string }
  | { kind: "calls" }
  | { kind: "retrieval" }
  | { kind: "settings"; name: string }
  | { kind: "tools" };

/** Messages that the API takes, and what fell away on the way to them. */
export interface Read {
  messages: Sent[];
  lost: Lost[];
  /** What lay beside the messages in a request. */
  rest: Record<string, unknown>;
  /** Files of Langfuse's clients by id, which stand in the messages as `media:<id>` until they are fetched. */
  files: string[];
}

const SPEAKERS: Record<string, Role> = { system: "system", developer: "system", user: "user", assistant: "assistant", tool: "tool", function: "tool" };
const PICTURE = /^(data:image\/(png|jpeg|gif|webp);base64,|https:\/\/)/;

/** The messages of whatever went into a model. What is no conversation becomes one word of the user. */
export function messagesOf(payload: unknown): Read {
  const lost: Lost[] = [];
  const files: string[] = [];
  const value = unpacked(payload);
  const chat = chatOf(canonical(value, (name) => lost.push({ kind: "part", name })));
  if (!chat) {
    const plain = onlyText(value);
    const text = typeof plain === "string" ? plain : plain === null || plain === undefined ? "" : JSON.stringify(plain, null, 2);
    return { messages: text === "" ? [] : [{ role: "user", content: text }], lost: [], rest: {}, files };
  }
  const messages = chat.messages.map((message) => {
    const role = SPEAKERS[message.role];
    if (!role) lost.push({ kind: "role", name: message.role });
    if (message.name !== null && role !== "tool") lost.push({ kind: "name" });
    const calls: ToolCall[] = message.calls.map((call) => ({ name: call.name, ...(call.input !== undefined && call.input !== null && { input_parameters: call.input }) }));
    return { role: role ?? "user", content: contentOf(message, lost, files), ...(calls.length > 0 && { tool_calls: calls }) } satisfies Sent;
  });
  if (unanswered(messages)) lost.push({ kind: "calls" });
  return { messages, lost: distinct(lost), rest: chat.rest ?? {}, files };
}

/** An object that is one text by some name is that text. */
function onlyText(value: unknown): unknown {
  const entries = typeof value === "object" && value !== null && !Array.isArray(value) ? Object.values(value) : [];
  return entries.length === 1 && typeof entries[0] === "string" ? entries[0] : value;
}

function contentOf(message: Message, lost: Lost[], files: string[]): Content {
  const parts = message.parts.flatMap((part): Exclude<Content, string> => {
    const url = part.type === "image" ? part.url : null;
    if (part.type === "text") return [{ type: "text", text: part.text }];
    if (url !== null && PICTURE.test(url)) return [{ type: "image_url", image_url: { url } }];
    if (part.type === "media" && part.mime.startsWith("image/")) {
      files.push(part.id);
      return [{ type: "image_url", image_url: { url: `media:${part.id}` } }];
    }
    lost.push(lostPart(part));
    return [];
  });
  if (parts.some((part) => part.type === "image_url")) return parts;
  return parts.map((part) => (part.type === "text" ? part.text : "")).join("\n");
}

const lostPart = (part: Part): Lost =>
  part.type === "image" ? { kind: "picture" } : part.type === "media" ? { kind: "file", name: part.mime } : { kind: "part", name: part.type };

/** Whether a call has no result of a tool after it: such calls are not sent, no API takes them. */
export function unanswered(messages: readonly Sent[]): boolean {
  return messages.some((message, at) => {
    const calls = message.tool_calls?.length ?? 0;
    if (calls === 0) return false;
    const after = messages.slice(at + 1);
    const end = after.findIndex((one) => one.role !== "tool");
    return (end < 0 ? after.length : end) !== calls;
  });
}

function distinct(lost: readonly Lost[]): Lost[] {
  const found = new Map(lost.map((one) => [JSON.stringify(one), one]));
  return [...found.values()];
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null && !Array.isArray(value);

/** Names that settings go by. */
const SETTINGS: Record<string, keyof Settings> = {
  temperature: "temperature", max_tokens: "max_tokens", max_completion_tokens: "max_tokens", max_output_tokens: "max_tokens", maxTokens: "max_tokens", maxOutputTokens: "max_tokens", seed: "seed",
};
/** What says nothing of how the model answers. */
const IDLE = new Set(["model", "stream", "stream_options", "user", "n", "metadata", "store", "service_tier"]);

/** The settings of a call, from its parameters and from what lay beside its messages. */
export function settingsOf(...sources: unknown[]): { settings: Partial<Settings>; lost: Lost[] } {
  const settings: Partial<Settings> = {};
  const lost: Lost[] = [];
  for (const source of sources) {
    if (!isObject(source)) continue;
    for (const [name, raw] of Object.entries(source)) {
      if (raw === null || raw === undefined || raw === "" || IDLE.has(name)) continue;
      const own = SETTINGS[name];
      const schema = schemaIn(name, raw);
      // OpenTelemetry's clients send numbers as texts.
      if (own && Number.isFinite(Number(raw))) settings[own] ??= String(Number(raw));
      else if (schema) settings.schema ??= JSON.stringify(schema, null, 2);
      else if (name === "generationConfig" || name === "generation_config" || name === "config") {
        const inner = settingsOf(raw);
        Object.assign(settings, { ...inner.settings, ...settings });
        lost.push(...inner.lost);
      } else if (name === "tools" || name === "functions") lost.push({ kind: "tools" });
      else if (isObject(raw) && Object.keys(raw).length === 0) continue;
      else lost.push({ kind: "settings", name });
    }
  }
  return { settings, lost: distinct(lost) };
}

/** The JSON Schema of an answer, as OpenAI's two APIs, Anthropic's and Gemini's ask for it. */
function schemaIn(name: string, raw: unknown): Record<string, unknown> | null {
  const value = unpacked(raw);
  if (!isObject(value)) return null;
  if (name === "responseSchema" || name === "response_schema" || name === "responseJsonSchema" || name === "schema") return value;
  const format = name === "text" || name === "output_config" ? value.format : name === "response_format" ? value : null;
  if (!isObject(format)) return null;
  if (isObject(format.json_schema) && isObject(format.json_schema.schema)) return format.json_schema.schema;
  return isObject(format.schema) ? format.schema : null;
}

/** The workspace's model that is called so, by its id at the provider or by its name; a dated version of it counts as well. */
export function modelCalled<M extends { id: string; name: string; model: string }>(models: readonly M[], called: string | null): M | null {
  if (!called) return null;
  const wanted = called.toLowerCase();
  const is = (fits: (name: string) => boolean) => models.find((one) => fits(one.model.toLowerCase())) ?? models.find((one) => fits(one.name.toLowerCase()));
  return is((name) => name === wanted) ?? is((name) => name !== "" && /^-(\d{4}-\d{2}-\d{2}|\d{8}|\d{4})$/.test(wanted.startsWith(name) ? wanted.slice(name.length) : "")) ?? null;
}

/** A conversation of a run up to a turn: the user's words are the last, so that the model answers them in the agent's place. */
export function untilTurn(messages: readonly { role: Role; content: Content; tool_calls?: ToolCall[]; retrieval_context?: unknown[] }[], turn: number): Read {
  const lost: Lost[] = [];
  const found: Sent[] = [];
  let spoken = 0;
  for (const { role, content, tool_calls, retrieval_context } of messages) {
    if (role === "user") spoken += 1;
    if (spoken > turn || (spoken === turn && role !== "user")) break;
    if (retrieval_context && retrieval_context.length > 0) lost.push({ kind: "retrieval" });
    const calls = tool_calls ?? [];
    // An agent that ran its tools itself has their results in its calls: models want them as messages.
    if (calls.length > 0 && calls.every((call) => call.output !== undefined)) {
      found.push({ role, content: "", tool_calls: calls.map(({ output: _, ...call }) => call) });
      found.push(...calls.map((call): Sent => ({ role: "tool", content: typeof call.output === "string" ? call.output : JSON.stringify(call.output) })));
      found.push({ role, content });
    } else found.push({ role, content, ...(calls.length > 0 && { tool_calls: calls }) });
  }
  if (unanswered(found)) lost.push({ kind: "calls" });
  return { messages: found, lost: distinct(lost), rest: {}, files: [] };
}
