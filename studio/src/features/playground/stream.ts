import { open } from "@/api/client";
import { ApiError } from "@/api/error";
import { eventsIn } from "@/api/events";
import type { Asked, Outcome, Reply } from "./types";

/** Where a model is talked to. */
export const chatPath = (model: string) => `/api/v1/models/${encodeURIComponent(model)}/chat`;

/** How a call ended, with what the API says of fields. */
export interface Ended {
  outcome: Exclude<Outcome, { state: "running" }>;
  fields: ReadonlyMap<string, string>;
}

/**
 * Asks a model, and tells the text as it grows. It throws nothing: whatever happens is an outcome, and what was said until then
 * is kept.
 */
export async function ask(model: string, asked: Asked, signal: AbortSignal, onText: (text: string) => void): Promise<Ended> {
  let text = "";
  const fields = new Map<string, string>();
  try {
    const response = await open(chatPath(model), { accept: "text/event-stream" }, signal, asked);
    if (response.body) {
      for await (const event of eventsIn(response.body)) {
        if (event.type === "text") {
          text += (JSON.parse(event.data) as { text: string }).text;
          onText(text);
        } else if (event.type === "answer") {
          const reply = JSON.parse(event.data) as Reply;
          return { outcome: { state: "done", text: reply.answer ?? text, reply }, fields };
        }
      }
    }
  } catch (error) {
    if (!signal.aborted && error instanceof ApiError) {
      return {
        outcome: { state: "failed", text, refused: { offline: error.isOffline, denied: error.status === 403, gone: error.status === 404, message: error.message, requestId: error.requestId } },
        fields: error.fields,
      };
    }
  }
  return { outcome: { state: signal.aborted ? "stopped" : "broken", text }, fields };
}
