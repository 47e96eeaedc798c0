import { afterEach, expect, test } from "vitest";
import { language } from "@/i18n/language";
import { inWords, nextTimes } from "./cron";

afterEach(() => language.set("en"));

test("a schedule is told in words", () => {
  language.set("en");
  expect(inWords("0 3 * * *", "UTC")).toBe("At 03:00, every day (UTC).");
  expect(inWords("0 3,15 * * 1-5", "UTC")).toBe("At 03:00 and 15:00, Monday to Friday (UTC).");
  expect(inWords("*/15 * * * *", "UTC")).toBe("Every 15 minutes (UTC).");
  expect(inWords("5 */6 * * *", "UTC")).toBe("Every 6 hours, at minute 05 (UTC).");
  expect(inWords("30 8 * * MON,7", "UTC")).toBe("At 08:30, every Sunday and Monday (UTC).");
  expect(inWords("0 9 1,15 JAN *", "UTC")).toBe("At 09:00, on day 1 and 15 of the month, in January (UTC).");
  language.set("vi");
  expect(inWords("0 3 * * 1-5", "UTC")).toBe("Lúc 03:00, từ Thứ Hai đến Thứ Sáu (UTC).");
});

test("what is hard to say, and what is no schedule, has no words", () => {
  // Either of the two days; steps that start anew each hour; no schedule at all.
  for (const cron of ["0 0 1 * 3", "*/7 * * * *", "0 0 L * *", "daily", "0 3 * *", "61 * * * *", "0 0 * * BLA"]) expect(inWords(cron, "UTC"), cron).toBeNull();
});

test("the next times are those of the time zone", () => {
  const after = new Date("2026-03-01T12:00:00Z");
  expect(nextTimes("0 3 * * *", "UTC", 2, after).map((one) => one.toISOString())).toEqual(["2026-03-02T03:00:00.000Z", "2026-03-03T03:00:00.000Z"]);
  expect(nextTimes("0 0 1 * 3", "UTC", 2, after).map((one) => one.toISOString().slice(0, 10))).toEqual(["2026-03-04", "2026-03-11"]);
  expect(nextTimes("nonsense", "UTC", 5)).toEqual([]);
  // As the server has them, where clocks change too.
  expect(nextTimes("30 2 * * *", "Europe/Berlin", 2, new Date("2026-03-28T12:00:00Z")).map((one) => one.toISOString())).toEqual(["2026-03-29T01:00:00.000Z", "2026-03-30T00:30:00.000Z"]);
  expect(nextTimes("30 2 * * *", "Europe/Berlin", 2, new Date("2026-10-24T12:00:00Z")).map((one) => one.toISOString())).toEqual(["2026-10-25T00:30:00.000Z", "2026-10-26T01:30:00.000Z"]);
  expect(nextTimes("0 3 * * *", "Middle/Earth", 1)).toEqual([]);
  expect(inWords("0 3 * * *", "Asia/Tokyo")).toBe("At 03:00, every day (Asia/Tokyo).");
});
