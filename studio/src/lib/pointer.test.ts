import { expect, it } from "vitest";
import { keysOf, pointerOf, valueAt, withValue } from "./pointer";

it("escapes as RFC 6901 says", () => {
  expect(pointerOf("a/b", "m~n", 0)).toBe("/a~1b/m~0n/0");
  expect(keysOf("/a~1b/m~0n/0")).toEqual(["a/b", "m~n", "0"]);
});

it("reads", () => {
  const document = { a: [{ b: 1 }], "": 2 };
  expect([valueAt(document, "/a/0/b"), valueAt(document, "/"), valueAt(document, "/a/7/b"), valueAt(document, "/a/0/b/c")]).toEqual([1, 2, undefined, undefined]);
  expect(valueAt(document, "")).toBe(document);
});

it("writes a copy", () => {
  const before = { a: [1, 2], b: { c: 3 } };
  expect(withValue(before, "/a/0", 9)).toEqual({ a: [9, 2], b: { c: 3 } });
  expect(withValue(before, "/a/-", 3)).toEqual({ a: [1, 2, 3], b: { c: 3 } });
  expect(withValue(before, "/a/0", undefined)).toEqual({ a: [2], b: { c: 3 } });
  expect(withValue(before, "/b/c", undefined)).toEqual({ a: [1, 2], b: {} });
  expect(withValue({}, "/x/y", 1)).toEqual({ x: { y: 1 } });
  expect(before).toEqual({ a: [1, 2], b: { c: 3 } });
});
