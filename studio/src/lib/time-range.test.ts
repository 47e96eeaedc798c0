import { expect, it } from "vitest";
import { before, instant, spanOf, typedOf } from "./time-range";

it("names spans that end now", () => {
  const now = Date.parse("2026-11-29T10:30:42Z");
  expect(spanOf("24h", "", "", now)).toEqual({ from: "2026-11-28T10:30:00.000Z", to: null });
  expect(spanOf("", "", "", now)).toEqual({ from: null, to: null });
  expect(spanOf("custom", "2026-11-01T00:00:00Z", "nonsense", now)).toEqual({ from: "2026-11-01T00:00:00.000Z", to: null });
});

it("tells the span before", () => {
  expect(before({ from: "2026-11-08T00:00:00.000Z", to: "2026-11-15T00:00:00.000Z" })).toEqual({ from: "2026-11-01T00:00:00.000Z", to: "2026-11-08T00:00:00.000Z" });
});

it("reads what it wrote into a field", () => {
  const at = "2026-11-29T10:30:00.000Z";
  expect(instant(typedOf(at))).toBe(at);
  expect(typedOf("")).toBe("");
});
