import { expect, it } from "vitest";
import { choice, chosen, conditionsOf, type Filters, filtersOf, isFiltered, NO_FILTERS, queryOf } from "./conditions";

it("keeps chosen values in one text", () => {
  for (const values of [[], ["a"], ["a, b"], ["a", "b"], ["[odd"], ['["x"]']]) expect(chosen(choice(values))).toEqual(values);
  expect(chosen("[not json")).toEqual(["[not json"]);
});

it("goes from filters to conditions and back", () => {
  const filters: Filters = {
    ...NO_FILTERS, q: "refund", environment: "production", tag: '["a","b"]', status: "error", public: "true", min_latency: "1.5", max_cost: "0.2",
    filter: JSON.stringify([{ type: "stringObject", column: "metadata", key: "plan", operator: "=", value: "pro" }]),
  };
  const conditions = conditionsOf(filters);
  expect(conditions).toContainEqual({ type: "arrayOptions", column: "tags", operator: "any of", value: ["a", "b"] });
  expect(conditions).toContainEqual({ type: "number", column: "latency", operator: ">=", value: 1.5 });
  expect(filtersOf(conditions)).toEqual(filters);
});

it("keeps what it has no place for", () => {
  const twice = [
    { type: "number", column: "latency", operator: ">=", value: 1 },
    { type: "number", column: "latency", operator: ">=", value: 2 },
  ] as never;
  expect(conditionsOf(filtersOf(twice))).toHaveLength(2);
});

it("leaves out what is broken, and one facet where it is asked to", () => {
  expect(conditionsOf({ ...NO_FILTERS, filter: "{", min_tokens: "many" })).toEqual([]);
  expect(conditionsOf({ ...NO_FILTERS, model: "m", name: "n" }, "model")).toHaveLength(1);
});

it("asks by parameters", () => {
  expect(queryOf({ ...NO_FILTERS, q: "x" }, { from: "f", to: null })).toEqual({ q: "x", filter: null, from: "f", to: null });
  expect(isFiltered(NO_FILTERS)).toBe(false);
});
