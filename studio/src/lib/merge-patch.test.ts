import { expect, test } from "vitest";
import { mergePatch } from "./merge-patch";

test("a patch says what changed, and what is gone", () => {
  const before = { name: "a", gone: 1, same: { x: 1 }, deep: { keep: 1, drop: 2, list: [1, 2] } };
  const after = { name: "b", same: { x: 1 }, deep: { keep: 1, list: [2] }, fresh: { y: 1 } };
  expect(mergePatch(before, after)).toEqual({ name: "b", gone: null, deep: { drop: null, list: [2] }, fresh: { y: 1 } });
  expect(mergePatch(before, before)).toEqual({});
});
