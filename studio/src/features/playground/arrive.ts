import { request, type Schemas } from "@/api/client";
import { ApiError } from "@/api/error";
import type { Model } from "@/features/models/kind";
import { isPlaceholder, type Prompt, type PromptSpec } from "@/features/prompts/kind";
import type { Observation } from "@/features/traces/data";
import { type Lost, messagesOf, modelCalled, type Read, settingsOf, untilTurn } from "./replay";
import { entriesOf, newId, newPanel, NO_SETTINGS, said } from "./state";
import { type Entry, type Panel, type Role, ROLES, type Sent, type Settings, type Source } from "./types";

/** How other pages lead here: what of them the address names. */
export interface Entrance {
  prompt: string;
  version: string;
  label: string;
  model: string;
  trace: string;
  obs: string;
  run: string;
  turn: string;
}

/** A panel made of what another page shows, and what of it had to stay behind. */
export interface Arrived {
  panel: Panel;
  lost: Lost[];
  /** The model that it was, where the workspace has none of that name. */
  wanted: string | null;
  /** The page that it is of. */
  from: { kind: "trace" | "run"; to: string } | null;
}

/** Whether an address names another page's matter. */
export const entrance = (url: Entrance) => url.prompt !== "" || url.model !== "" || url.run !== "" || (url.trace !== "" && url.obs !== "");

const part = (...names: string[]) => names.map(encodeURIComponent).join("/");

/** Reads what the address names. */
export async function arrive(url: Entrance, models: readonly Model[], usual: string | null, signal: AbortSignal): Promise<Arrived> {
  if (url.prompt) {
    const { source, entries, settings, model } = await promptAt(url.prompt, { version: Number(url.version) || null, label: url.label }, models, signal);
    return { panel: newPanel({ source, entries, settings: { ...NO_SETTINGS, ...settings }, model: model ?? usual }), lost: [], wanted: null, from: null };
  }
  if (url.run) {
    const { data } = await request<Schemas["Run"]>("GET", `/api/v1/runs/${part(url.run)}`, { signal });
    const read = untilTurn(data.messages, Number(url.turn) || data.turns);
    return { panel: newPanel({ entries: entriesOf(read.messages), model: usual }), lost: read.lost, wanted: null, from: { kind: "run", to: `/runs/${part(url.run)}` } };
  }
  if (url.trace) return await observationAt(url.trace, url.obs, models, signal);
  return { panel: newPanel({ model: models.some((one) => one.id === url.model) ? url.model : usual }), lost: [], wanted: null, from: null };
}

async function observationAt(trace: string, id: string, models: readonly Model[], signal: AbortSignal): Promise<Arrived> {
  const filter = JSON.stringify([{ type: "string", column: "id", operator: "=", value: id }]);
  const { data } = await request<Schemas["ObservationShownPage"]>("GET", "/api/v1/observations", { query: { trace_id: trace, filter, limit: 1 }, signal });
  const one = data.data[0] as Observation | undefined;
  if (!one) throw new ApiError(404, {});
  const read = messagesOf(one.input);
  const { settings, lost } = settingsOf(one.model_parameters, read.rest);
  const messages = await withFiles(read, signal);
  const model = modelCalled(models, one.model);
  return {
    panel: newPanel({ entries: messages.length > 0 ? entriesOf(messages) : [said("user")], settings: { ...NO_SETTINGS, ...settings }, model: model?.id ?? null }),
    lost: [...read.lost, ...lost],
    wanted: model ? null : one.model,
    from: { kind: "trace", to: `/traces/${part(trace)}?obs=${encodeURIComponent(id)}` },
  };
}

/** The messages with their files fetched; the API takes no reference to one. */
async function withFiles(read: Read, signal: AbortSignal): Promise<Sent[]> {
  const found = new Map<string, string | null>();
  for (const id of new Set(read.files)) found.set(id, await dataOf(id, signal));
  if ([...found.values()].includes(null)) read.lost.push({ kind: "picture" });
  return read.messages.map((message) => {
    if (typeof message.content === "string") return message;
    return {
      ...message,
      content: message.content.flatMap((part) => {
        if (part.type === "text" || !part.image_url.url.startsWith("media:")) return [part];
        const url = found.get(part.image_url.url.slice("media:".length));
        return url ? [{ type: "image_url" as const, image_url: { url } }] : [];
      }),
    };
  });
}

const MOST_BYTES = 5 << 20;

/** A picture as a `data:` address; null for one that is gone, too large, or of a kind that models do not take. */
async function dataOf(id: string, signal: AbortSignal): Promise<string | null> {
  try {
    const { data } = await request<{ url: string }>("GET", `/api/public/media/${part(id)}`, { signal });
    const at = new URL(data.url, location.origin);
    // The platform names itself as it is called from outside; the page may be served under another name of it.
    if (!at.pathname.startsWith("/api/public/media/")) return null;
    const blob = await (await fetch(at.pathname + at.search, { signal })).blob();
    if (blob.size > MOST_BYTES || !/^image\/(png|jpeg|gif|webp)$/.test(blob.type)) return null;
    return await new Promise((resolve, reject) => {
      const reader = new FileReader();
      reader.onload = () => resolve(String(reader.result));
      reader.onerror = () => reject(reader.error ?? new Error("unreadable"));
      reader.readAsDataURL(blob);
    });
  } catch (error) {
    if (signal.aborted) throw error;
    return null;
  }
}

/** A version of a prompt, by its number or by a label, as a panel takes it. Neither means the latest. */
export async function promptAt(id: string, wanted: { version: number | null; label: string }, models: readonly Model[], signal?: AbortSignal) {
  const { data: prompt } = await request<Prompt>("GET", `/api/v1/prompts/${part(id)}`, signal ? { signal } : {});
  const version = wanted.version ?? (wanted.label ? prompt.labels[wanted.label] : undefined) ?? prompt.version;
  const spec = version === prompt.version
    ? prompt
    : ((await request<Schemas["ResourceVersion"]>("GET", `/api/v1/prompts/${part(id)}/versions/${version}`, signal ? { signal } : {})).data.spec as unknown as PromptSpec);
  const config = (spec.config ?? {}) as Record<string, unknown>;
  const source: Source = { id, name: prompt.name, version };
  const settings: Partial<Settings> = settingsOf(config).settings;
  return { source, entries: entriesOfPrompt(spec.prompt), settings, model: modelCalled(models, typeof config.model === "string" ? config.model : null)?.id ?? null };
}

/** A prompt's contents. A text is what the user says: every model answers that, where instructions alone are refused by some. */
export function entriesOfPrompt(prompt: PromptSpec["prompt"]): Entry[] {
  if (typeof prompt === "string") return [said("user", prompt)];
  return prompt.map((entry): Entry => (isPlaceholder(entry) ? { id: newId(), place: entry.name } : said(ROLES.find((role) => role === entry.role) ?? roleLike(entry.role), entry.content)));
}

const roleLike = (role: string): Role => (role === "developer" ? "system" : role === "model" || role === "ai" ? "assistant" : "user");
