import type { Told } from "@/features/campaigns/detail/useCampaignEvents";

/** What an entry of the loop is. */
export type Kind = "user" | "thought" | "action" | "observation" | "answer" | "score" | "step" | "error";
/** All kinds, as they are offered. */
export const KINDS: readonly Kind[] = ["user", "thought", "action", "observation", "answer", "score", "error", "step"];

/** One thing that happened, as the loop shows it. */
export interface Entry {
  key: string;
  kind: Kind;
  /** The turn of the user that it belongs to, from 1. */
  turn: number;
  told: Told;
  /** How long a thought took until something came of it; null while it goes on. */
  tookMs?: number | null;
}

const OF: Record<string, Kind> = {
  user_said: "user", agent_asked: "thought", tool_called: "action", tool_answered: "observation", agent_answered: "answer", scored: "score", node_failed: "error", node_retried: "error",
};
/** What ends a thought. */
const ENDS = new Set(["tool_called", "agent_answered", "node_failed", "node_retried", "run_finished"]);

/** Events as thoughts, actions and observations, by turn. The beginning and end of steps that say nothing more are left out. */
export function loopOf(events: readonly Told[]): Entry[] {
  const entries: Entry[] = [];
  let turn = 0;
  const open = new Map<string, Entry>();
  for (const told of events) {
    if (told.event === "user_said") turn += 1;
    const node = told.node ?? "";
    if (ENDS.has(told.event)) {
      for (const [of, thought] of open) {
        if (of !== node && told.event !== "run_finished") continue;
        thought.tookMs = told.at && thought.told.at ? Math.max(0, Date.parse(told.at) - Date.parse(thought.told.at)) : null;
        open.delete(of);
      }
    }
    if (told.event === "node_started" || told.event === "node_finished") continue;
    const entry: Entry = { key: told.id, kind: OF[told.event] ?? "step", turn, told };
    if (entry.kind === "thought") {
      entry.tookMs = null;
      open.set(node, entry);
    }
    entries.push(entry);
  }
  return entries;
}

/** Whether an entry has the words in it. */
export const says = (entry: Entry, words: string) => words === "" || JSON.stringify(entry.told).toLowerCase().includes(words);
