import { expect, test } from "vitest";
import type { Told } from "@/features/campaigns/detail/useCampaignEvents";
import { loopOf, says } from "@/features/console/loop";
import { withToken } from "./data";
import { changedFields, scoredAt, turnsOf, withSaid } from "./turns";

const told = (event: string, more: Partial<Told> = {}): Told => ({ event, id: `${event} ${Math.random()}`, ...more });

test("a conversation by turns of the user", () => {
  const say = (role: "user" | "assistant" | "system", content: string) => ({ role, content });
  const turns = turnsOf([say("system", "s"), say("user", "a"), say("assistant", "b"), say("user", "c"), say("user", "d"), say("assistant", "e")]);
  expect(turns.map((turn) => [turn.number, turn.messages.length])).toEqual([[0, 1], [1, 2], [2, 1], [3, 2]]);
});

test("what was said just now is told by events", () => {
  const first = { role: "user" as const, content: "Hi" };
  const events = [told("user_said", { text: "Hi" }), told("agent_answered", { text: "Hello" })];
  expect(withSaid([first], events)).toEqual([first, { role: "assistant", content: "Hello" }]);
  expect(withSaid([first, first, first], events)).toHaveLength(3);
});

test("scores stand after the turn in which they came", () => {
  const places = scoredAt([told("user_said"), told("scored", { name: "early" }), told("user_said"), told("scored", { name: "late" }), told("scored", { name: "early" })]);
  expect([...places]).toEqual([["early", 2], ["late", 2]]);
});

test("only fields that differ are written", () => {
  expect(changedFields({ a: 1, b: [1], c: "x" }, { a: 1, b: [1, 2], c: "y", d: null })).toEqual({ b: [1, 2], c: "y", d: null });
});

test("tokens take the place of what came from their offset on", () => {
  const first = withToken(null, { node: "n", offset: 0, text: "Xin chào 👋 " });
  expect(withToken(first, { node: "n", offset: 11, text: "bạn" }).text).toBe("Xin chào 👋 bạn");
  expect(withToken(first, { node: "n", offset: 0, text: "again" }).text).toBe("again");
  expect(withToken(first, { node: "other", offset: 0, text: "new" }).text).toBe("new");
});

test("events as thoughts, actions and observations", () => {
  const at = (ms: number) => new Date(ms).toISOString();
  const entries = loopOf([
    told("user_said", { text: "Hi" }), told("node_started"), told("agent_asked", { node: "n", at: at(0) }), told("tool_called", { node: "n", tool: "look", at: at(250) }),
    told("tool_answered", { node: "n" }), told("agent_answered", { node: "n", at: at(400) }), told("node_finished"), told("user_said"), told("agent_asked", { node: "n", at: at(500) }),
  ]);
  expect(entries.map((entry) => [entry.kind, entry.turn])).toEqual([["user", 1], ["thought", 1], ["action", 1], ["observation", 1], ["answer", 1], ["user", 2], ["thought", 2]]);
  expect(entries[1]?.tookMs).toBe(250);
  expect(entries[6]?.tookMs).toBeNull();
  expect(says(entries[2]!, "look")).toBe(true);
  expect(says(entries[2]!, "other")).toBe(false);
});
