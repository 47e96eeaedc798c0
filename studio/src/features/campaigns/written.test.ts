import { describe, expect, test } from "vitest";
import { gateYaml, NEW_GATE, readGate, writtenGate } from "./gate-rules";
import { csvField, csvOf } from "./report-csv";
import { casesOf, estimateOf, NEW, type Kind, stepOf, written } from "./wizard/spec";

describe("gates", () => {
  test("stand in an address and come back", () => {
    const gate = { ...NEW_GATE, rules: [{ ...NEW_GATE.rules[0]!, metric: "m", at_least: null, not_worse_by: 0.02 }] };
    expect(readGate(writtenGate(gate))).toEqual(gate);
    expect(writtenGate(NEW_GATE)).toBe("");
  });
  test("of a broken address are new ones", () => {
    for (const text of ["", "{", "[]", "{\"rules\": 1}"]) expect(readGate(text)).toEqual(NEW_GATE);
    expect(readGate("{\"rules\":[{\"at_least\":\"x\"}]}").rules[0]?.at_least).toBeNull();
  });
  test("are YAML for a pipeline", () => {
    expect(gateYaml({ ...NEW_GATE, rules: [{ ...NEW_GATE.rules[0]!, metric: "a: b", severity: "warning" }] }))
      .toBe("rules:\n  - metric: \"a: b\"\n    statistic: pass_rate\n    at_least: 0.8\n    severity: warning\nlevel: 0.95\nmax_error_share: 0.05\n");
  });
});

describe("CSV", () => {
  test("is no formula", () => {
    expect(csvField("=1+1")).toBe("'=1+1");
    expect(csvField(" @x")).toBe("' @x");
    expect(csvField(-1)).toBe("-1");
  });
  test("quotes what needs it", () => {
    expect(csvField("a,\"b\"\nc")).toBe("\"a,\"\"b\"\"\nc\"");
    expect(csvField(null)).toBe("");
  });
  test("has a row a run and metric", () => {
    const one = { run_id: "r", item_key: "i", repetition: 0, trace_id: "t", turns: 1, status: "queued" as const, scores: [] };
    const score = { name: "m", kind: "k", version: 1, status: "error" as const, score: null, threshold: 1, reason: "" };
    const lines = csvOf("c", [one, { ...one, scores: [score, score] }]).trimEnd().split("\r\n");
    expect(lines).toHaveLength(4);
    expect(lines[2]).toContain(",m,k,error,,1,");
  });
});

describe("a campaign that is put together", () => {
  const kinds = [{ kind: "g_eval", needs_judge: true }, { kind: "contains", needs_judge: false }] as unknown as Kind[];
  const spec = { ...NEW, agents: [{ id: "a" }, { id: "b" }], dataset_id: "d", repetitions: 3, metrics: [{ kind: "g_eval" as const }, { kind: "contains" as const }], judging: { runs: 2, panel: ["x"], combine: "mean" as const, reuse: true } };
  test("is estimated", () => {
    expect(estimateOf(spec, kinds, 10)).toEqual({ agents: 2, cases: 10, repetitions: 3, runs: 60, calls: { low: 60, high: 60 }, judgements: 240 });
    expect(estimateOf({ ...spec, agents: [] }, kinds, 10)).toBeNull();
    expect(estimateOf(spec, kinds, null)).toBeNull();
  });
  test("has a case a scenario and persona", () => {
    expect(casesOf({ ...NEW, scenario_ids: ["a", "b"], persona_ids: ["x", "y", "z"] }, null)).toBe(6);
    expect(casesOf({ ...NEW, scenario_ids: ["a", "b"] }, null)).toBe(2);
  });
  test("is sent without what is empty", () => {
    expect(written({ ...NEW, name: "n", agents: [{ id: "a" }], tags: [], budget: { cost_usd: null } })).toEqual({ name: "n", agent_id: "a", repetitions: 1, concurrency: 4, max_turns: 10, gate: NEW.gate });
    expect(written({ ...NEW, agents: [{ id: "a", version: 2 }] })).toMatchObject({ agents: [{ id: "a", version: 2 }] });
  });
  test("shows complaints at their step", () => {
    expect(["/name", "/agents/0/id", "/scenario_ids", "/metrics/1/params/x", "/judge_model_id", "/budget/cost_usd", "/unknown"].map(stepOf)).toEqual(["agents", "agents", "cases", "metrics", "models", "run", "run"]);
  });
});
