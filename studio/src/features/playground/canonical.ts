/**
 * Conversations as the many APIs and frameworks log them, put as OpenAI's chat API would write them, so that one reader does for all.
 * What has no place there is told by name.
 */

type Json = Record<string, unknown>;

const isObject = (value: unknown): value is Json => typeof value === "object" && value !== null && !Array.isArray(value);
const words = (value: unknown): string => (typeof value === "string" ? value : value === undefined || value === null ? "" : JSON.stringify(value));

/** Where a list of messages lies in a request. */
const LISTS = ["messages", "contents", "input"] as const;

/** A request with its messages in OpenAI's form; what is no conversation is given back as it is. `lose` is told what falls away. */
export function canonical(value: unknown, lose: (what: string) => void): unknown {
  if (Array.isArray(value)) {
    const list = value.length === 1 && Array.isArray(value[0]) ? (value[0] as unknown[]) : value;
    return list.flatMap((item) => plain(item, lose));
  }
  if (!isObject(value)) return value;
  const key = LISTS.find((name) => Array.isArray(value[name]));
  if (!key) return isObject(value.kwargs) || "role" in value ? plain(value, lose) : value;
  const { system, instructions, systemInstruction, system_instruction, ...rest } = value;
  const told = [system, instructions, systemInstruction, system_instruction].map(instructionOf).filter(Boolean).join("\n\n");
  return { ...rest, ...(told && { system: told }), [key]: canonical(value[key], lose) };
}

/** Instructions as a text, as Anthropic's list of blocks, or as Gemini's content. */
function instructionOf(value: unknown): string {
  if (typeof value === "string") return value;
  const parts = Array.isArray(value) ? value : isObject(value) && Array.isArray(value.parts) ? value.parts : [];
  return parts.flatMap((part) => (isObject(part) && typeof part.text === "string" ? [part.text] : [])).join("\n\n");
}

/** One item of a list: a message mostly; with results of tools in it, these as messages of their own before it. */
function plain(item: unknown, lose: (what: string) => void): unknown[] {
  if (!isObject(item)) return [item];
  // OpenAI's Responses API: calls and their results are items beside the messages.
  if (item.type === "function_call" || item.type === "custom_tool_call") return [assistantCalls([{ name: item.name, arguments: item.arguments ?? item.input }])];
  if (item.type === "function_call_output" || item.type === "custom_tool_call_output") return [tool(item.output)];
  if (typeof item.type === "string" && !("role" in item) && !("content" in item) && !("kwargs" in item)) {
    lose(item.type);
    return [];
  }
  if (isObject(item.kwargs) && Array.isArray(item.id)) return plain({ role: item.id.at(-1), ...item.kwargs }, lose);
  const parts = Array.isArray(item.content) ? item.content : Array.isArray(item.parts) ? item.parts : null;
  if (!parts) return [isObject(item.content) ? { ...item, content: words(item.content) } : item];
  const results: unknown[] = [];
  const calls: Json[] = [];
  const content: unknown[] = [];
  for (const part of parts) {
    const result = resultOf(part);
    const call = callOf(part);
    if (result !== undefined) results.push(tool(result));
    else if (call) calls.push(call);
    else content.push(...partOf(part, lose));
  }
  const { content: _, parts: __, ...rest } = item;
  const message: Json = { ...rest, content, ...(calls.length > 0 && { tool_calls: [...(Array.isArray(item.tool_calls) ? item.tool_calls : []), ...calls] }) };
  // A message that had nothing but results in it is gone with them.
  return content.length > 0 || calls.length > 0 || results.length === 0 ? [...results, message] : results;
}

const tool = (output: unknown) => ({ role: "tool", content: resultText(output) });
const assistantCalls = (calls: Json[]) => ({ role: "assistant", content: "", tool_calls: calls.map((call) => ({ function: call })) });

/** What a tool said, as one text. */
function resultText(output: unknown): string {
  if (Array.isArray(output) && output.every((part) => isObject(part) && typeof part.text === "string")) return output.map((part) => (part as Json).text).join("\n");
  if (isObject(output) && "value" in output && typeof output.type === "string") return words(output.value);
  return words(output);
}

/** The result of a tool within a message: Anthropic's, Gemini's, the AI SDK's, OpenTelemetry's. */
function resultOf(part: unknown): unknown {
  if (!isObject(part)) return undefined;
  if (part.type === "tool_result") return part.content ?? "";
  if (part.type === "tool-result") return part.output ?? part.result ?? "";
  if (part.type === "tool_call_response") return part.response ?? part.result ?? "";
  const response = part.functionResponse ?? part.function_response;
  return isObject(response) ? response.response ?? "" : undefined;
}

function callOf(part: unknown): Json | null {
  if (!isObject(part)) return null;
  const inner = part.functionCall ?? part.function_call;
  if (isObject(inner)) return { function: { name: inner.name, arguments: inner.args } };
  if (part.type === "tool_use" || part.type === "tool-call" || part.type === "tool_call") {
    return { function: { name: part.name ?? part.toolName, arguments: part.input ?? part.args ?? part.arguments } };
  }
  return null;
}

const picture = (url: string) => [{ type: "image_url", image_url: { url } }];

/** A text or a picture in OpenAI's form. */
function partOf(part: unknown, lose: (what: string) => void): unknown[] {
  if (typeof part === "string") return [{ type: "text", text: part }];
  if (!isObject(part)) return [];
  if (typeof part.text === "string" && part.thought !== true && part.type !== "thinking" && part.type !== "reasoning") return [{ type: "text", text: part.text }];
  if (part.type === "text" && typeof part.content === "string") return [{ type: "text", text: part.content }];
  const { image_url: inner, image, source } = part;
  if (typeof inner === "string") return picture(inner);
  if (isObject(inner) && typeof inner.url === "string") return [{ type: "image_url", image_url: inner }];
  if (typeof image === "string") return picture(/^(data:|https?:|@@@)/.test(image) ? image : `data:${words(part.mediaType ?? part.mimeType) || "image/png"};base64,${image}`);
  if (part.type === "image" && isObject(source)) {
    if (typeof source.data === "string") return picture(`data:${words(source.media_type)};base64,${source.data}`);
    if (typeof source.url === "string") return picture(source.url);
  }
  const data = part.inlineData ?? part.inline_data;
  if (isObject(data) && typeof data.data === "string") {
    const type = words(data.mimeType ?? data.mime_type);
    if (type.startsWith("image/")) return picture(`data:${type};base64,${data.data}`);
    lose(type || "inline_data");
    return [];
  }
  lose(part.thought === true ? "thought" : typeof part.type === "string" ? part.type : Object.keys(part)[0] ?? "part");
  return [];
}
