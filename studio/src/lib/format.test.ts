import { afterEach, describe, expect, it } from "vitest";
import { language } from "@/i18n/language";
import { ago, bytes, compact, cost, duration, NOTHING, number, percent, score } from "./format";

afterEach(() => language.set("en"));

describe("what is not there", () => {
  it("is never a zero", () => {
    for (const format of [number, compact, percent, score, cost, duration, bytes]) {
      expect([format(null), format(undefined), format(Number.NaN)]).toEqual([NOTHING, NOTHING, NOTHING]);
    }
  });
});

describe("duration", () => {
  it.each([
    [0, "0 ms"], [0.42, "0.42 ms"], [340, "340 ms"], [999.4, "999 ms"], [1000, "1 s"], [2140, "2.14 s"], [12_345, "12.3 s"],
    [59_949, "59.9 s"], [59_960, "1 min"], [200_000, "3 min 20 s"], [3_600_000, "1 h"], [7_500_000, "2 h 5 min"],
  ])("%d ms is %s", (ms, text) => expect(duration(ms)).toBe(text));
});

describe("cost", () => {
  it("shows as many digits as say something", () => {
    expect([cost(0), cost(0.000123), cost(0.0123), cost(12.345)]).toEqual(["$0.00", "$0.000123", "$0.012", "$12.35"]);
  });
});

it("numbers are written as the language writes them", () => {
  expect([number(12_345.6, 1), percent(0.824), score(0.5), compact(12_300)]).toEqual(["12,345.6", "82%", "0.50", "12.3K"]);
  language.set("vi");
  expect(number(12_345.6, 1)).toBe("12.345,6");
});

it("ago counts whole units", () => {
  const now = Date.parse("2026-11-24T12:00:00Z");
  expect(ago("2026-11-24T11:59:59.8Z", now)).toBe("now");
  expect(ago("2026-11-24T11:57:10Z", now)).toBe("2 minutes ago");
  expect(ago("2026-11-22T12:00:00Z", now)).toBe("2 days ago");
  expect(ago("nonsense", now)).toBe(NOTHING);
});

it("bytes", () => expect([bytes(0), bytes(1023), bytes(1536), bytes(20_971_520)]).toEqual(["0 B", "1,023 B", "1.5 KB", "20 MB"]));
