/** A part of what somebody said. */
export type Part =
  | { type: "text"; text: string }
  | { type: "image"; url: string }
  | { type: "media"; id: string; mime: string }
  | { type: "json"; value: unknown };

/** A call of a tool within a message. */
export interface ToolCall {
  name: string;
  input: unknown;
}

/** One message, whatever vendor's words it came in. */
export interface Message {
  role: string;
  name: string | null;
  parts: Part[];
  calls: ToolCall[];
}

/** A conversation, with what else was beside it. */
export interface Chat {
  messages: Message[];
  rest: Record<string, unknown> | null;
}

type Json = Record<string, unknown>;

const isObject = (value: unknown): value is Json => typeof value === "object" && value !== null && !Array.isArray(value);

/** The roles of LangChain and Gemini under the names that OpenAI gave them. */
const ROLES: Record<string, string> = { human: "user", ai: "assistant", AIMessage: "assistant", HumanMessage: "user", SystemMessage: "system", ToolMessage: "tool", model: "assistant" };

/** JSON that was sent as a text, or the text. */
export function unpacked(value: unknown): unknown {
  if (typeof value !== "string" || !/^\s*[[{]/.test(value)) return value;
  try {
    return JSON.parse(value) as unknown;
  } catch {
    return value;
  }
}

/** The messages of a payload: OpenAI's, Anthropic's, Gemini's or LangChain's. Null for what is no conversation. */
export function chatOf(payload: unknown): Chat | null {
  const value = unpacked(payload);
  if (Array.isArray(value)) {
    // LangChain sends a list of lists of messages.
    const list = value.length === 1 && Array.isArray(value[0]) ? (value[0] as unknown[]) : value;
    const messages = list.map(messageOf);
    return messages.length > 0 && messages.every((one) => one !== null) ? { messages, rest: null } : null;
  }
  if (!isObject(value)) return null;
  const single = messageOf(value);
  if (single) return { messages: [single], rest: null };
  for (const key of ["messages", "contents", "input", "choices", "candidates", "output"]) {
    const inner = value[key];
    if (!Array.isArray(inner)) continue;
    const messages = inner.map((one) => messageOf(isObject(one) && isObject(one.message) ? one.message : isObject(one) && isObject(one.content) ? one.content : one));
    if (messages.length === 0 || !messages.every((one) => one !== null)) continue;
    const { [key]: _, ...rest } = value;
    const found = messages as Message[];
    if (typeof rest.system === "string") {
      found.unshift({ role: "system", name: null, parts: textParts(rest.system), calls: [] });
      delete rest.system;
    }
    return { messages: found, rest: Object.keys(rest).length > 0 ? rest : null };
  }
  return null;
}

function messageOf(value: unknown): Message | null {
  if (!isObject(value)) return null;
  // LangChain's serialised form: `{ id: [..., "HumanMessage"], kwargs: {...} }`.
  if (isObject(value.kwargs) && Array.isArray(value.id)) return messageOf({ role: String(value.id.at(-1)), ...value.kwargs });
  const named = typeof value.role === "string" ? value.role : typeof value.type === "string" && "content" in value ? value.type : null;
  if (named === null || !("content" in value || "parts" in value || "tool_calls" in value)) return null;
  const calls: ToolCall[] = [];
  const parts = partsOf(value.content ?? value.parts, calls);
  for (const call of Array.isArray(value.tool_calls) ? value.tool_calls : []) {
    if (!isObject(call)) continue;
    const inner = isObject(call.function) ? call.function : call;
    calls.push({ name: String(inner.name ?? ""), input: unpacked(inner.arguments ?? inner.args) });
  }
  const kwargs = value.additional_kwargs;
  if (calls.length === 0 && isObject(kwargs) && Array.isArray(kwargs.tool_calls)) return messageOf({ ...value, additional_kwargs: null, tool_calls: kwargs.tool_calls });
  return { role: ROLES[named] ?? named, name: typeof value.name === "string" ? value.name : null, parts, calls };
}

function partsOf(content: unknown, calls: ToolCall[]): Part[] {
  if (content === null || content === undefined || content === "") return [];
  if (typeof content === "string") return textParts(content);
  if (!Array.isArray(content)) return [{ type: "json", value: content }];
  return content.flatMap((part): Part[] => {
    if (typeof part === "string") return textParts(part);
    if (!isObject(part)) return [{ type: "json", value: part }];
    if (part.type === "tool_use" || part.type === "tool-call") {
      calls.push({ name: String(part.name ?? part.toolName ?? ""), input: part.input ?? part.args });
      return [];
    }
    if (isObject(part.functionCall)) {
      calls.push({ name: String(part.functionCall.name ?? ""), input: part.functionCall.args });
      return [];
    }
    if (part.type === "tool_result") return partsOf(part.content, calls);
    const url = imageOf(part);
    if (url !== null) return media(url) ?? [{ type: "image", url }];
    if (typeof part.text === "string") return textParts(part.text);
    return [{ type: "json", value: part }];
  });
}

/** The address of a picture in a part of OpenAI's or Anthropic's form. */
function imageOf(part: Json): string | null {
  const inner = part.image_url;
  if (typeof inner === "string") return inner;
  if (isObject(inner) && typeof inner.url === "string") return inner.url;
  const source = part.source;
  if (part.type === "image" && isObject(source) && typeof source.data === "string") return `data:${String(source.media_type)};base64,${source.data}`;
  return null;
}

const REFERENCE = /@@@langfuseMedia:type=([^|@]+)\|id=([^|@]+)\|source=[^@]*@@@/g;

/** A text whose references to files, as Langfuse's clients write them, are parts of their own. */
export function textParts(text: string): Part[] {
  const parts: Part[] = [];
  let from = 0;
  for (const found of text.matchAll(REFERENCE)) {
    const before = text.slice(from, found.index);
    if (before.trim()) parts.push({ type: "text", text: before });
    parts.push({ type: "media", mime: found[1] ?? "", id: found[2] ?? "" });
    from = found.index + found[0].length;
  }
  const after = text.slice(from);
  if (after.trim() || parts.length === 0) parts.push({ type: "text", text: after });
  return parts;
}

const media = (url: string): Part[] | null => (url.startsWith("@@@langfuseMedia:") ? textParts(url) : null);

/** All files that a payload refers to, however deep. */
export function mediaOf(payload: unknown): { id: string; mime: string }[] {
  const found = new Map<string, string>();
  const text = typeof payload === "string" ? payload : JSON.stringify(payload) ?? "";
  if (text.includes("@@@langfuseMedia:")) for (const one of text.matchAll(REFERENCE)) found.set(one[2] ?? "", one[1] ?? "");
  return [...found].map(([id, mime]) => ({ id, mime }));
}

const said = (message: Message) =>
  message.parts.map((part) => (part.type === "text" ? part.text : part.type === "json" ? JSON.stringify(part.value) : `[${part.type}]`)).join(" ")
  || message.calls.map((call) => `${call.name}()`).join(" ");

/** What somebody put in last, or got, in one text: for rows of lists, turns of sessions, items of datasets. */
export function textOf(payload: unknown, role: "user" | "assistant"): string {
  const value = unpacked(payload);
  if (value === null || value === undefined) return "";
  if (typeof value === "string") return value.replace(REFERENCE, "[$1]");
  const chat = chatOf(value);
  if (chat) return said(chat.messages.findLast((one) => one.role === role) ?? (chat.messages.at(-1) as Message));
  if (Array.isArray(value) && value.every((one) => typeof one === "string")) return value.join("\n");
  if (isObject(value)) {
    const entries = Object.entries(value);
    const only = entries.length === 1 ? entries[0]?.[1] : value.question ?? value.query ?? value.answer ?? value.text ?? value.input ?? value.output;
    if (typeof only === "string") return only;
  }
  return JSON.stringify(value);
}

const SPEAKERS = new Set(["system", "user", "assistant", "tool"]);

/** What was said before the user's last word, as items of datasets have it. */
export function historyOf(payload: unknown): { role: string; content: string }[] {
  const messages = chatOf(payload)?.messages ?? [];
  const last = messages.findLastIndex((one) => one.role === "user");
  return messages.slice(0, Math.max(0, last)).filter((one) => SPEAKERS.has(one.role)).map((one) => ({ role: one.role, content: said(one) })).filter((one) => one.content !== "");
}
