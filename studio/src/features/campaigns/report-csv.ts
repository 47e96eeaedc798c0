import type { Outcome } from "./data";

const COLUMNS = [
  "campaign_id", "run_id", "item_key", "repetition", "agent_id", "agent_version", "persona_id", "run_status", "error_kind", "error_message",
  "metric", "metric_kind", "metric_status", "score", "threshold", "confidence", "reason", "input", "output", "expected_output", "turns",
  "latency_ms", "cost_usd", "judge_cost_usd", "trace_id",
];

/** A field of CSV. What a spreadsheet could take for a formula gets a `'` before it. */
export function csvField(value: string | number | null | undefined): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "number") return String(value);
  const safe = /^\s*[=+\-@]|^[\t\r\n]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** A row a run and metric, as `assay report --format csv` writes them; a run without metrics has one row. */
export function csvOf(campaign: string, runs: readonly Outcome[]): string {
  const rows = runs.flatMap((run) => (run.scores.length > 0 ? run.scores : [null]).map((one) => [
    campaign, run.run_id, run.item_key, run.repetition, run.agent_id, run.agent_version, run.persona_id, run.status, run.error?.kind, run.error?.message,
    one?.name, one?.kind, one?.status, one?.score, one?.threshold, one?.confidence, one?.reason, run.input, run.output, run.expected_output, run.turns,
    run.latency_ms, run.cost_usd, one?.cost_usd, run.trace_id,
  ].map(csvField).join(",")));
  return [COLUMNS.join(","), ...rows, ""].join("\r\n");
}
