import { expect, test } from "vitest";
import { atMost } from "./at-most";

test("no more than so many at once, in their order, whether they fail or not", async () => {
  const turn = atMost(2);
  const began: number[] = [];
  let [now, most] = [0, 0];
  const all = [0, 1, 2, 3, 4, 5].map((n) => turn(async () => {
    began.push(n);
    most = Math.max(most, (now += 1));
    await new Promise((resolve) => setTimeout(resolve, 2));
    now -= 1;
    if (n % 2 === 0) throw new Error(String(n));
    return n;
  }).catch((error: Error) => error.message));
  expect(await Promise.all(all)).toEqual(["0", 1, "2", 3, "4", 5]);
  expect(began).toEqual([0, 1, 2, 3, 4, 5]);
  expect(most).toBe(2);
  expect(await turn(() => Promise.resolve("again"))).toBe("again");
});
