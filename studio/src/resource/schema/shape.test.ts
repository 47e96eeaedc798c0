import { expect, test } from "vitest";
import { branchesOf, branchOf, initialOf, type JsonSchema, readable, resolved, shapeOf } from "./shape";

const shape = (schema: JsonSchema) => shapeOf(resolved(schema, schema), schema);

test("each schema gets the control that says it", () => {
  expect(shape({ enum: ["a", "b"] })).toBe("enum");
  expect(shape({ type: "integer", minimum: 1 })).toBe("number");
  expect(shape({ type: "string", maxLength: 100 })).toBe("text");
  expect(shape({ type: "string", maxLength: 20_000 })).toBe("long");
  expect(shape({ type: "array", items: { enum: ["a"] } })).toBe("enums");
  expect(shape({ type: "array", items: { type: "object", properties: {} } })).toBe("list");
  expect(shape({ type: "object", additionalProperties: { type: ["number", "null"] } })).toBe("map");
  expect(shape({ oneOf: [{ type: "string" }, { type: "number" }] })).toBe("union");
});

test("what no control can say is left to JSON", () => {
  expect(shape({ type: "object", properties: {}, allOf: [{ if: {}, then: {} }] })).toBe("json");
  expect(shape({ type: ["string", "number"] })).toBe("json");
  expect(shape({ type: "object" })).toBe("json");
  expect(shape({})).toBe("json");
});

test("references and nulls are seen through", () => {
  const root: JsonSchema = { $defs: { name: { type: "string", maxLength: 10 } } };
  expect(resolved({ $ref: "#/$defs/name", description: "Own" }, root)).toEqual({ type: "string", maxLength: 10, description: "Own" });
  expect(resolved({ anyOf: [{ type: "number" }, { type: "null" }], default: 1 }, root)).toEqual({ type: "number", default: 1 });
});

test("a reference to itself ends", () => {
  const root: JsonSchema = { $ref: "#" };
  expect(shapeOf(resolved(root, root), root)).toBe("json");
});

test("a union is told apart by its constant", () => {
  const union: JsonSchema = { oneOf: [
    { type: "object", properties: { type: { const: "a" }, x: { type: "number", minimum: 2 } }, required: ["type", "x"] },
    { type: "object", properties: { type: { const: "b" } }, required: ["type"] },
  ] };
  const branches = branchesOf(union, union);
  expect(branches.map((one) => one.name)).toEqual(["a", "b"]);
  expect(branchOf({ type: "b" }, branches)).toBe(1);
  expect(branchOf(undefined, branches)).toBe(-1);
  expect(initialOf(union, union)).toEqual({ type: "a", x: 2 });
});

test("names become words", () => expect(readable("max_usd")).toBe("Max usd"));
