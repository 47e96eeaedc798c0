import { expect, test } from "vitest";
import { type CatalogueEntry, chosenOf, groupOf, paramsSchema } from "./kind";
import { caseOf, EXAMPLE, fieldsFor, initialParams } from "./testcase";

const entry = (kind: string, more: Partial<CatalogueEntry> = {}) =>
  ({ kind, name: kind, description: "", required_fields: [], default_threshold: 0.5, params_schema: {}, needs_judge: false, version: 1, ...more }) as CatalogueEntry;

test("the catalogue is found by words, group and judge", () => {
  const all = [entry("bleu", { description: "Words and runs" }), entry("bias", { needs_judge: true }), entry("brand_new")];
  const find = (more: object) => chosenOf(all, { q: "", group: "", judge: "", ...more }).map((one) => one.kind);
  expect(find({ q: "RUNS words" })).toEqual(["bleu"]);
  expect(find({ group: "safety" })).toEqual(["bias"]);
  expect(find({ judge: "false" })).toEqual(["bleu", "brand_new"]);
  expect(groupOf("brand_new")).toBe("own");
});

test("a composed component brings its own schema", () => {
  const own = { type: "object", properties: { from: { type: "integer" } } };
  const one = entry("component", { params_schema: { type: "object", properties: { component: { type: "string" }, params: {} } }, components: [{ component: "prices", required_fields: [], params_schema: own }] as never });
  expect(paramsSchema(one, { component: "prices" }).properties).toMatchObject({ component: { enum: ["prices"] }, params: own });
  expect(paramsSchema(one, undefined).properties?.params).toEqual({});
});

test("a case is what is typed, and says what is no value", () => {
  expect(caseOf({ input: "Q", context: "a\n\n b ", latency_ms: "12", messages: "[" })).toEqual({
    value: { input: "Q", context: ["a", "b"], latency_ms: 12 }, wrong: ["messages"],
  });
  expect(caseOf(EXAMPLE).wrong).toEqual([]);
  expect(fieldsFor(["tools_called", "unknown"], ["trace"])).toEqual(["input", "actual_output", "tools_called", "trace"]);
  expect(fieldsFor(["conversation"], [])).toContain("messages");
});

test("parameters that must be there are", () => {
  expect(initialParams({ type: "object", properties: { values: { type: "array", items: { type: "string" }, minItems: 1 } }, required: ["values"] })).toEqual({ values: [""] });
  expect(initialParams({ type: "object", properties: { a: { type: "string" } } })).toBeUndefined();
});
