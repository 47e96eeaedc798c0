import type { Schemas, Written } from "@/api/client";
import type { ResourceKind } from "@/resource/kind";

/** A prompt as the API shows it. */
export type Prompt = Schemas["Prompt"];
/** What a prompt consists of. */
export type Content = Schemas["PromptContent"];
/** An entry of a chat prompt. */
export type Entry = Schemas["ChatEntry"];
/** A prompt as it is written. */
export type PromptSpec = Written<Schemas["PromptSpec"], "name" | "prompt">;

/** What the resource kit needs to know of prompts. */
export const promptKind: ResourceKind<Prompt> = {
  kind: "prompts",
  path: "/prompts",
  title: { en: "Prompts", vi: "Câu lệnh" },
  create: { en: "New prompt", vi: "Câu lệnh mới" },
  empty: {
    en: "A prompt is kept here with all its versions, and your code asks for the one that a label such as production names. Write one, or push yours from the SDK.",
    vi: "Câu lệnh được lưu ở đây cùng mọi phiên bản, và mã của bạn lấy bản mà một nhãn như production chỉ đến. Hãy viết một câu lệnh, hoặc đẩy từ SDK.",
  },
  read: "resources_read",
  write: "resources_write",
  versions: true,
  // The message says why one version was made; the next is to say its own.
  readOnly: ["type", "variables", "labels", "commit_message"],
};

/** The label that the server moves by itself. */
export const LATEST = "latest";

/** Whether an entry is a place for messages of the caller. */
export const isPlaceholder = (entry: Entry): entry is Schemas["ChatPlaceholder"] => entry.type === "placeholder";

/** A prompt as one text, as versions are compared by. */
export function asText(content: Content | undefined): string {
  if (content === undefined || typeof content === "string") return content ?? "";
  return content.map((entry) => (isPlaceholder(entry) ? `[${entry.name}]` : `# ${entry.role}\n${entry.content}`)).join("\n\n");
}

/** The same prompt as a text or as a chat: what was written stays. */
export function converted(content: Content, to: "text" | "chat"): Content {
  if (to === "chat") return typeof content === "string" ? [{ role: "system", content }] : content;
  return typeof content === "string" ? content : content.flatMap((entry) => (isPlaceholder(entry) ? [] : [entry.content])).filter(Boolean).join("\n\n");
}

// Braces are read in pairs from the left, as the API reads them: of three, the last one is text, and there is no name.
const VARIABLE = /(?<=(?<!\{)(?:\{\{)*)\{\{\s*([\p{Alphabetic}\p{N}_.-]+)\s*\}\}/gu;

/** The names in double braces, as the API finds them. */
export function variablesOf(content: Content): string[] {
  const texts = typeof content === "string" ? [content] : content.flatMap((entry) => (isPlaceholder(entry) ? [] : [entry.content]));
  return [...new Set(texts.flatMap((text) => [...text.matchAll(VARIABLE)].map((match) => match[1] ?? "")))].sort();
}

/** A text in pieces: what stands there, and variables with their values, null where there is none. */
export function pieces(text: string, values: Readonly<Record<string, string>>): { text: string; variable?: string; missing?: boolean }[] {
  const result: { text: string; variable?: string; missing?: boolean }[] = [];
  let from = 0;
  for (const match of text.matchAll(VARIABLE)) {
    const name = match[1] ?? "";
    const value = values[name];
    if (match.index > from) result.push({ text: text.slice(from, match.index) });
    result.push(value ? { text: value, variable: name } : { text: match[0], variable: name, missing: true });
    from = match.index + match[0].length;
  }
  if (from < text.length) result.push({ text: text.slice(from) });
  return result;
}

/** A prompt with its variables filled in. */
export const filledIn = (content: Content, values: Readonly<Record<string, string>>): Content => {
  const fill = (text: string) => pieces(text, values).map((piece) => piece.text).join("");
  return typeof content === "string" ? fill(content) : content.map((entry) => (isPlaceholder(entry) ? entry : { ...entry, content: fill(entry.content) }));
};

/** Labels of a version, the latest left out, in their order. */
export const labelsOf = (labels: Readonly<Record<string, number>>, version: number) =>
  Object.entries(labels).filter(([label, at]) => at === version && label !== LATEST).map(([label]) => label).sort();
