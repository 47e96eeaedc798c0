import { expect, it } from "vitest";
import { askedOf, complaintsOf, filledIn, listOf, missingIn, rendered, usesOf } from "./render";
import { newPanel, NO_SETTINGS, said } from "./state";
import type { State } from "./types";

const PNG = "data:image/png;base64,iVBORw0KGgo=";
const picture = { type: "image_url" as const, image_url: { url: PNG } };

const state = (): State => ({
  panels: [
    newPanel({ entries: [said("system", "Hi {{ name }}"), { id: "p", place: "history" }, said("user", [{ type: "text", text: "{{b.c}}" }, picture])] }),
    newPanel({ entries: [said("user", "{{name}} {{ no name }}")] }),
  ],
  values: { name: "An" },
  lists: { history: '[{"role":"user","content":"One"},{"role":"assistant","content":"Two"}]' },
});

it("finds what is to be filled in, once for all panels", () => {
  expect(usesOf(state())).toEqual([
    { name: "b.c", kind: "text", panels: [0] }, { name: "name", kind: "text", panels: [0, 1] }, { name: "history", kind: "messages", panels: [0] },
  ]);
});

it("names what is missing", () => {
  const { panels: [first, second], ...rest } = state();
  expect([missingIn(first!, rest), missingIn(second!, rest)]).toEqual([["b.c"], []]);
  const lists = (history: string) => missingIn(first!, { values: { name: "x", "b.c": "y" }, lists: { history } });
  expect([lists(""), lists("[]"), lists("nonsense"), lists('["a"]')]).toEqual([["history"], [], ["history"], ["history"]]);
});

it("fills in values and lists, and leaves pictures where they are", () => {
  const page = state();
  const { messages, from } = rendered(page.panels[0]!, { ...page, values: { name: "$& {{b.c}}", "b.c": "why" } });
  expect(messages).toEqual([
    { role: "system", content: "Hi $& {{b.c}}" }, { role: "user", content: "One" }, { role: "assistant", content: "Two" }, { role: "user", content: [{ type: "text", text: "why" }, picture] },
  ]);
  expect(from).toEqual([page.panels[0]!.entries[0]!.id, "p", "p", page.panels[0]!.entries[2]!.id]);
  expect(filledIn("{{x}}", {})).toBe("{{x}}");
  expect(listOf(" ")).toEqual([]);
});

it("sends only settings that somebody made", () => {
  const panel = newPanel({ entries: [said("user", "Hi")], settings: { ...NO_SETTINGS, temperature: "0", schema: '{"type":"object"}' } });
  const none = { values: {}, lists: {} };
  expect(askedOf(panel, none)).toEqual({ messages: [{ role: "user", content: "Hi" }], temperature: 0, response_schema: { type: "object" } });
  expect(askedOf({ ...panel, settings: { ...NO_SETTINGS, schema: "[1]" } }, none)).toEqual({ messages: [{ role: "user", content: "Hi" }] });
});

it("finds the entry that a complaint is about", () => {
  expect([...complaintsOf(new Map([["/messages/2/content", "a"], ["/temperature", "b"], ["/messages", "c"]]), ["x", "p", "p"])]).toEqual([["/entries/p/content", "a"], ["/temperature", "b"], ["/messages", "c"]]);
});
