import { describe, expect, it } from "vitest";
import { answersOf, type AskedSchema, complaintsOf, isAnswered, missing, nextOf, optionOf, optionsOf, questionsOf } from "./answers";

const schema = (spec: Partial<AskedSchema["spec"]> & { name: string }): AskedSchema => ({
  id: spec.name, version: 1, spec: { description: "", guidelines: "", kind: "boolean", required: true, target: "case", ...spec },
});
const words = { yes: "Yes", no: "No" };

describe("questionsOf", () => {
  it("asks about the case, each turn and each observation", () => {
    const asked = questionsOf([schema({ name: "a" }), schema({ name: "b", target: "turn" }), schema({ name: "c", target: "observation" })], 2, [{ id: "o", name: "search" }]);
    expect(asked.map(({ key, required }) => [key, required])).toEqual([["a", true], ["b turn 0", false], ["b turn 1", false], ["c observation o", false]]);
  });
});

describe("optionsOf", () => {
  const keys = (spec: Partial<AskedSchema["spec"]>) => optionsOf(schema({ name: "x", ...spec }).spec, words)?.map(({ label, key }) => `${key}:${label}`);
  it("gives each answer a key", () => {
    expect(keys({})).toEqual(["y:Yes", "n:No"]);
    expect(keys({ kind: "categorical", categories: [{ label: "no" }, { label: "yes" }] })).toEqual(["1:no", "2:yes"]);
    expect(keys({ kind: "numeric", min: 0, max: 3, step: 1 })).toEqual(["0:0", "1:1", "2:2", "3:3"]);
    expect(keys({ kind: "numeric", min: 0, max: 0.3, step: 0.1 })).toEqual(["1:0", "2:0.1", "3:0.2", "4:0.3"]);
  });
  it("has large scales, scales without steps and words typed", () => {
    expect(keys({ kind: "numeric", min: 0, max: 100, step: 1 })).toBeUndefined();
    expect(keys({ kind: "numeric", min: 0, max: 1 })).toBeUndefined();
    expect(keys({ kind: "text" })).toBeUndefined();
  });
  it("takes 1 and 2 for yes and no", () => {
    const options = optionsOf(schema({ name: "x" }).spec, words) ?? [];
    expect([optionOf(options, "1")?.value, optionOf(options, "2")?.value, optionOf(options, "n")?.value, optionOf(options, "3")]).toEqual([true, false, false, undefined]);
  });
});

describe("answers", () => {
  const asked = questionsOf([schema({ name: "a" }), schema({ name: "b", target: "turn" }), schema({ name: "c", kind: "text", required: false })], 2, []);
  it("are those that were given; false and 0 are answers, an empty text is none", () => {
    expect([isAnswered({ value: false }), isAnswered({ value: 0 }), isAnswered({ value: "" }), isAnswered({ note: "x" }), isAnswered(undefined)]).toEqual([true, true, false, false, false]);
    const { sent, keys } = answersOf(asked, { a: { value: false, note: " why " }, "b turn 1": { value: true }, c: { value: "" } });
    expect(sent).toEqual([{ schema: "a", value: false, note: "why" }, { schema: "b", value: true, turn: 1 }]);
    expect(complaintsOf(new Map([["/answers/1/value", "no"], ["/note", "x"]]), keys)).toEqual({ "b turn 1": "no" });
  });
  it("miss what is required", () => {
    expect(missing(asked, {})?.key).toBe("a");
    expect(missing(asked, { a: { value: false } })).toBeUndefined();
  });
  it("go on where something is open, and stay at the end", () => {
    expect(nextOf(asked, { a: { value: true } }, 0)).toBe(1);
    expect(nextOf(asked, { "b turn 0": { value: true }, "b turn 1": { value: true } }, 2)).toBe(3);
    expect(nextOf(asked, Object.fromEntries(asked.map(({ key }) => [key, { value: true }])), 3)).toBe(3);
    expect(nextOf([], {}, 0)).toBe(0);
  });
});
