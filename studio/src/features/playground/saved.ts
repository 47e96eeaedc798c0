import type { PromptSpec } from "@/features/prompts/kind";
import { schemaOf } from "./render";
import { wordsOf } from "./state";
import { isPlace, type Panel } from "./types";

/** What of a conversation a prompt cannot hold. */
export interface Left {
  pictures: number;
  calls: number;
}

/** A panel as the contents of a prompt. One word of the user alone is a text, unless a chat is wanted. */
export function promptOf(panel: Panel, as: "text" | "chat"): { prompt: PromptSpec["prompt"]; left: Left } {
  const said = panel.entries.flatMap((entry) => (isPlace(entry) ? [] : [entry]));
  const left = {
    pictures: said.reduce((sum, { content }) => sum + (typeof content === "string" ? 0 : content.filter((part) => part.type === "image_url").length), 0),
    calls: said.reduce((sum, { calls }) => sum + (calls?.length ?? 0), 0),
  };
  const [only] = said;
  if (as === "text" && only && mayBeText(panel)) return { prompt: wordsOf(only.content), left };
  return { prompt: panel.entries.map((entry) => (isPlace(entry) ? { type: "placeholder" as const, name: entry.place } : { role: entry.role, content: wordsOf(entry.content) })), left };
}

/** Whether a panel can be a prompt that is one text. */
export const mayBeText = (panel: Panel) => panel.entries.length === 1 && panel.entries.every((entry) => !isPlace(entry));

/** Settings of a panel as they lie beside a prompt, under the names that OpenAI's API has for them; null for none. */
export function configOf(panel: Panel, model: { model: string } | null): Record<string, unknown> | null {
  const { temperature, max_tokens, seed, schema } = panel.settings;
  const number = (text: string) => (text.trim() === "" ? undefined : Number(text));
  const wanted = schemaOf(schema);
  const config = {
    model: model?.model, temperature: number(temperature), max_tokens: number(max_tokens), seed: number(seed),
    response_format: wanted ? { type: "json_schema", json_schema: { name: "answer", schema: wanted } } : undefined,
  };
  const kept = Object.entries(config).filter(([, value]) => value !== undefined);
  return kept.length > 0 ? Object.fromEntries(kept) : null;
}
