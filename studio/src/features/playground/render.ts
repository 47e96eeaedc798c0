import { pieces, variablesOf as namesIn } from "@/features/prompts/kind";
import { chatOf } from "@/lib/chat";
import { messagesOf } from "./replay";
import { type Asked, type Content, type Entry, isPlace, type Panel, type Sent, type State } from "./types";

/** A variable, or a place for messages, with the panels that it stands in. */
export interface Use {
  name: string;
  kind: "text" | "messages";
  /** Indexes of panels. */
  panels: number[];
}

const textsOf = (content: Content): string[] => (typeof content === "string" ? [content] : content.flatMap((part) => (part.type === "text" ? [part.text] : [])));

/** The names in double braces within a panel. */
const variablesOf = (entries: readonly Entry[]) =>
  namesIn(entries.flatMap((entry) => (isPlace(entry) ? [] : textsOf(entry.content))).map((content) => ({ role: "user", content })));

const placesOf = (entries: readonly Entry[]) => [...new Set(entries.flatMap((entry) => (isPlace(entry) && entry.place ? [entry.place] : [])))].sort();

/** All that is to be filled in, by name; what several panels have is there once. */
export function usesOf(state: State): Use[] {
  const found = new Map<string, Use>();
  state.panels.forEach((panel, index) => {
    const add = (kind: Use["kind"]) => (name: string) => {
      const key = `${kind} ${name}`;
      const use = found.get(key) ?? { name, kind, panels: [] };
      use.panels.push(index);
      found.set(key, use);
    };
    variablesOf(panel.entries).forEach(add("text"));
    placesOf(panel.entries).forEach(add("messages"));
  });
  return [...found.values()].sort((a, b) => Number(a.kind === "messages") - Number(b.kind === "messages") || a.name.localeCompare(b.name));
}

/** The messages that somebody typed for a place. Null for what is no list of messages; an empty text is an empty list. */
export function listOf(text: string): Sent[] | null {
  if (text.trim() === "") return [];
  try {
    const value = JSON.parse(text) as unknown;
    if (Array.isArray(value) && value.length === 0) return [];
    return Array.isArray(value) && chatOf(value) ? messagesOf(value).messages : null;
  } catch {
    return null;
  }
}

/** Names of the panel that have no value, or none that can be used. */
export function missingIn(panel: Panel, state: Pick<State, "values" | "lists">): string[] {
  const texts = variablesOf(panel.entries).filter((name) => !state.values[name]);
  // No messages at all are an answer as well, where somebody wrote `[]`.
  const lists = placesOf(panel.entries).filter((name) => (state.lists[name] ?? "").trim() === "" || listOf(state.lists[name] ?? "") === null);
  return [...texts, ...lists];
}

const filled = (text: string, values: Readonly<Record<string, string>>) => pieces(text, values).map((piece) => piece.text).join("");

/** A content with its variables filled in; pictures stay where they are. */
export const filledIn = (content: Content, values: Readonly<Record<string, string>>): Content =>
  typeof content === "string" ? filled(content, values) : content.map((part) => (part.type === "text" ? { ...part, text: filled(part.text, values) } : part));

/** The messages of a panel as they are sent, and the entry that each came from. */
export function rendered(panel: Panel, state: Pick<State, "values" | "lists">): { messages: Sent[]; from: string[] } {
  const messages: Sent[] = [];
  const from: string[] = [];
  for (const entry of panel.entries) {
    const own: Sent[] = isPlace(entry)
      ? listOf(state.lists[entry.place] ?? "") ?? []
      : [{ role: entry.role, content: filledIn(entry.content, state.values), ...(entry.calls && entry.calls.length > 0 ? { tool_calls: entry.calls } : {}) }];
    messages.push(...own);
    from.push(...own.map(() => entry.id));
  }
  return { messages, from };
}

/** A schema as it was typed: nothing, an object, or null for what is none. */
export function schemaOf(text: string): Record<string, unknown> | undefined | null {
  if (text.trim() === "") return undefined;
  try {
    const value = JSON.parse(text) as unknown;
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

const numberOf = (text: string) => (text.trim() === "" ? undefined : Number(text));

/** What is sent for a panel. A schema that cannot be read is left out: the caller has looked. */
export function askedOf(panel: Panel, state: Pick<State, "values" | "lists">): Asked {
  const { temperature, max_tokens, seed, schema } = panel.settings;
  const settings = { temperature: numberOf(temperature), max_tokens: numberOf(max_tokens), seed: numberOf(seed), response_schema: schemaOf(schema) ?? undefined };
  return { messages: rendered(panel, state).messages, ...Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined)) };
}

/** The API's complaints about messages by the entry that they came from, and not by their number, which places shift. */
export function complaintsOf(fields: ReadonlyMap<string, string>, from: readonly string[]): ReadonlyMap<string, string> {
  const own = new Map<string, string>();
  for (const [pointer, text] of fields) {
    const match = /^\/messages\/(\d+)(\/.*)?$/.exec(pointer);
    const entry = match && from[Number(match[1])];
    own.set(entry ? `/entries/${entry}${match[2] ?? ""}` : pointer, text);
  }
  return own;
}
