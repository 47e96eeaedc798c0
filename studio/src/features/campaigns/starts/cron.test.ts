import { afterEach, expect, test } from "vitest";
import { language } from "@/i18n/language";
import { inWords, nextTimes } from "./cron";

afterEach(() => language.set("en"));

test("a schedule is told in words", () => {
  language.set("en");
  expect(inWords("0 3 * * *")).toBe("At 03:00, every day (UTC).");
  expect(inWords("0 3,15 * * 1-5")).toBe("At 03:00 and 15:00, Monday to Friday (UTC).");
  expect(inWords("*/15 * * * *")).toBe("Every 15 minutes (UTC).");
  expect(inWords("5 */6 * * *")).toBe("Every 6 hours, at minute 05 (UTC).");
  expect(inWords("30 8 * * MON,7")).toBe("At 08:30, every Sunday and Monday (UTC).");
  expect(inWords("0 9 1,15 JAN *")).toBe("At 09:00, on day 1 and 15 of the month, in January (UTC).");
  language.set("vi");
  expect(inWords("0 3 * * 1-5")).toBe("Lúc 03:00, từ Thứ Hai đến Thứ Sáu (UTC).");
});

test("what is hard to say, and what is no schedule, has no words", () => {
  // Either of the two days; steps that start anew each hour; no schedule at all.
  for (const cron of ["0 0 1 * 3", "*/7 * * * *", "0 0 L * *", "daily", "0 3 * *", "61 * * * *", "0 0 * * BLA"]) expect(inWords(cron), cron).toBeNull();
});

test("the next times are in UTC", () => {
  const after = new Date("2026-03-01T12:00:00Z");
  expect(nextTimes("0 3 * * *", 2, after).map((one) => one.toISOString())).toEqual(["2026-03-02T03:00:00.000Z", "2026-03-03T03:00:00.000Z"]);
  expect(nextTimes("0 0 1 * 3", 2, after).map((one) => one.toISOString().slice(0, 10))).toEqual(["2026-03-04", "2026-03-11"]);
  expect(nextTimes("nonsense", 5)).toEqual([]);
});
