import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { gathered } from "./gathered";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it("asks once for what is wanted at the same time, in portions", async () => {
  const asked: string[][] = [];
  const load = gathered(10, 2, async (keys) => {
    asked.push(keys);
    return new Map(keys.filter((key) => key !== "b").map((key) => [key, `value of ${key}`]));
  }, "none");
  const answers = Promise.all(["a", "b", "a", "c"].map((key) => load(key)));
  await vi.advanceTimersByTimeAsync(10);
  expect(await answers).toEqual(["value of a", "none", "value of a", "value of c"]);
  expect(asked).toEqual([["a", "b"], ["c"]]);
  const later = load("d");
  await vi.advanceTimersByTimeAsync(10);
  expect(await later).toBe("value of d");
});

it("does not ask for what nobody wants any more, and tells each what failed", async () => {
  const asked: string[][] = [];
  const load = gathered(10, 10, async (keys) => {
    asked.push(keys);
    throw new Error("away");
  }, null);
  const left = new AbortController();
  const gone = load("a", left.signal).catch((error: unknown) => error);
  const stays = load("b").catch((error: unknown) => error);
  left.abort(new Error("left"));
  await vi.advanceTimersByTimeAsync(10);
  expect([await gone, await stays]).toEqual([new Error("left"), new Error("away")]);
  expect(asked).toEqual([["b"]]);
});
