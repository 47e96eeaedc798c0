import type { Schemas } from "@/api/client";
import type { Told } from "@/features/campaigns/detail/useCampaignEvents";

type Message = Schemas["Message"];

/** What was said from one word of the user to the next. */
export interface Turn {
  /** From 1; 0 for what was said before the user spoke. */
  number: number;
  messages: Message[];
}

/** A conversation by turns of the user. */
export function turnsOf(messages: readonly Message[]): Turn[] {
  const turns: Turn[] = [];
  let number = 0;
  for (const message of messages) {
    if (message.role === "user") number += 1;
    const last = turns.at(-1);
    // Two words of the user without an answer between them are two turns.
    if (!last || message.role === "user") turns.push({ number, messages: [message] });
    else last.messages.push(message);
  }
  return turns;
}

/** A conversation as far as it was told: a run's own one has what was said only after the step in which it was. */
export function withSaid(messages: readonly Message[], events: readonly Told[]): readonly Message[] {
  const said = events.flatMap((told): Message[] =>
    told.event === "user_said" || told.event === "agent_answered" ? [{ role: told.event === "user_said" ? "user" : "assistant", content: String(told.text ?? "") }] : []);
  return said.length > messages.length ? [...messages, ...said.slice(messages.length)] : messages;
}

/**
 * After which turn each metric scored, by its name: what happened tells, the scores themselves do not.
 * A metric that scored more than once counts where it did last, as its result does.
 */
export function scoredAt(events: readonly Told[]): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  let turn = 0;
  for (const told of events) {
    if (told.event === "user_said") turn += 1;
    if (told.event === "scored" && typeof told.name === "string") found.set(told.name, turn);
  }
  return found;
}

/** Fields of a state that differ from before, as they are now. */
export function changedFields(before: Record<string, unknown>, after: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(after).filter(([key, value]) => JSON.stringify(value) !== JSON.stringify(before[key])));
}
