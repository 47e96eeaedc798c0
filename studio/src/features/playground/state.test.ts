import { expect, it } from "vitest";
import { type Action, newPanel, newState, reduce, said, wordsOf } from "./state";
import type { State } from "./types";

const words = (state: State) => state.panels.map((panel) => panel.entries.map((entry) => ("content" in entry ? wordsOf(entry.content) : entry.place)));
const start = () => newState(newPanel({ model: "m", settings: { temperature: "0.5", max_tokens: "", seed: "", schema: "" }, entries: [said("system", "S"), said("user", "U")] }));
const play = (state: State, ...actions: Action[]) => actions.reduce(reduce, state);

it("adds, copies and removes panels, four at most and one at least", () => {
  const page = start();
  const panel = page.panels[0]!.id;
  const copied = play(page, { do: "duplicate", panel });
  expect(words(copied)).toEqual([["S", "U"], ["S", "U"]]);
  expect(new Set(copied.panels.flatMap((one) => [one.id, ...one.entries.map((entry) => entry.id)])).size).toBe(6);
  const more = play(copied, { do: "add" }, { do: "add" }, { do: "add" }, { do: "duplicate", panel });
  expect(more.panels.map((one) => [one.model, one.settings.temperature])).toEqual(Array(4).fill(["m", "0.5"]));
  expect(words(more)[3]).toEqual([""]);
  expect(play(page, { do: "remove", panel }).panels).toHaveLength(1);
  expect(play(copied, { do: "remove", panel }).panels.map((one) => one.id)).toEqual([copied.panels[1]!.id]);
});

it("changes the conversation of one panel", () => {
  const page = play(start(), { do: "add" });
  const [{ id: panel, entries }] = page.panels as [State["panels"][0]];
  const [first, second] = entries.map((entry) => entry.id) as [string, string];
  const change = (...actions: Action[]) => words(play(page, ...actions));
  expect(change({ do: "move", panel, entry: first, by: 1 })[0]).toEqual(["U", "S"]);
  expect(change({ do: "move", panel, entry: first, by: -1 }, { do: "move", panel, entry: second, by: 1 })[0]).toEqual(["S", "U"]);
  expect(change({ do: "change", panel, entry: second, to: { content: "V" } }, { do: "drop", panel, entry: first })).toEqual([["V"], [""]]);
  expect(change({ do: "append", panel, entries: [said("assistant", "A")] })[0]).toEqual(["S", "U", "A"]);
});

it("puts a prompt in and keeps the settings that it says nothing of", () => {
  const page = start();
  const panel = page.panels[0]!.id;
  const source = { id: "p", name: "greet", version: 2 };
  const [loaded] = play(page, { do: "load", panel, source, entries: [said("user", "X")], settings: { seed: "7" }, model: null }).panels;
  expect(loaded).toMatchObject({ source, model: "m", settings: { temperature: "0.5", seed: "7" } });
});

it("puts back what was asked", () => {
  const page = start();
  const asked = { messages: [{ role: "user" as const, content: "Again" }], temperature: 0, response_schema: { type: "object" } };
  const [panel] = play(page, { do: "take", panel: page.panels[0]!.id, asked }).panels;
  expect(panel).toMatchObject({ entries: [{ role: "user", content: "Again" }], settings: { temperature: "0", max_tokens: "", schema: JSON.stringify({ type: "object" }, null, 2) } });
});

it("shares values", () => {
  expect(play(start(), { do: "value", name: "a", value: "1" }, { do: "list", name: "h", value: "[]" })).toMatchObject({ values: { a: "1" }, lists: { h: "[]" } });
});
