import { describe, expect, it } from "vitest";
import { casesOf, DEFAULTS, freeName, metricsOf } from "./cases";

describe("casesOf", () => {
  it("reads a line each, with what is expected after the arrow", () => {
    expect(casesOf("How long? => 5 days\n\n  When?  \nWhen?\na => b => c")).toEqual([
      { key: "case-1", input: "How long?", expected_output: "5 days", metrics: [{ kind: "contains", name: "expected answer", params: { values: ["5 days"] } }] },
      { key: "case-2", input: "When?" },
      { key: "case-3", input: "a", expected_output: "b => c", metrics: [{ kind: "contains", name: "expected answer", params: { values: ["b => c"] } }] },
    ]);
  });
  it("leaves out what asks nothing", () => {
    expect(casesOf(" \n=> x")).toEqual([]);
  });
});

it("metrics of a judge need one", () => {
  expect(metricsOf(DEFAULTS, false).map((one) => one.kind)).toEqual(["latency", "length"]);
  expect(metricsOf({ ...DEFAULTS, seconds: 0.5 }, true)[0]).toEqual({ kind: "latency", params: { max_ms: 500 } });
  expect(metricsOf(DEFAULTS, true).map((one) => one.kind)).toEqual(["latency", "length", "answer_relevancy"]);
});

it("finds a free name", () => {
  expect([freeName("a", new Set()), freeName("a", new Set(["a", "a 2"]))]).toEqual(["a", "a 3"]);
});
