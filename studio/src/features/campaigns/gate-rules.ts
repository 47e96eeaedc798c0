import type { Schemas } from "@/api/client";

/** A rule as it is written; one of `at_least` and `not_worse_by` is there. */
export type Rule = Pick<Schemas["GateRule"], "min_items" | "severity" | "statistic"> & {
  metric: string | null;
  at_least: number | null;
  not_worse_by: number | null;
};

/** A gate as it is asked. */
export interface GateDraft {
  rules: Rule[];
  level: number;
  max_error_share: number;
}

/** A rule that is good enough to begin with. */
export const NEW_RULE: Rule = { metric: null, statistic: "pass_rate", at_least: 0.8, not_worse_by: null, min_items: 1, severity: "blocking" };
/** What a gate is before somebody has said anything. */
export const NEW_GATE: GateDraft = { rules: [NEW_RULE], level: 0.95, max_error_share: 0.05 };

/** A gate as it stands in an address. */
export const writtenGate = (gate: GateDraft): string => (JSON.stringify(gate) === JSON.stringify(NEW_GATE) ? "" : JSON.stringify(gate));

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null && !Array.isArray(value);
const numberOr = <T>(value: unknown, otherwise: T) => (typeof value === "number" && Number.isFinite(value) ? value : otherwise);

/** The gate of an address; what makes no sense there is as if it were not said. */
export function readGate(text: string): GateDraft {
  let found: unknown;
  try {
    found = JSON.parse(text);
  } catch {
    return NEW_GATE;
  }
  if (!isRecord(found) || !Array.isArray(found.rules)) return NEW_GATE;
  return {
    level: numberOr(found.level, NEW_GATE.level),
    max_error_share: numberOr(found.max_error_share, NEW_GATE.max_error_share),
    rules: found.rules.filter(isRecord).map((rule) => ({
      metric: typeof rule.metric === "string" ? rule.metric : null,
      statistic: rule.statistic === "mean" ? "mean" : "pass_rate",
      at_least: numberOr(rule.at_least, null),
      not_worse_by: numberOr(rule.not_worse_by, null),
      min_items: numberOr(rule.min_items, 1),
      severity: rule.severity === "warning" ? "warning" : "blocking",
    })),
  };
}

/** The gate as YAML, for a repository: `assay gate --gate gate.yaml`. */
export function gateYaml(gate: GateDraft): string {
  const rules = gate.rules.map((rule) => [
    rule.metric === null ? null : `metric: ${JSON.stringify(rule.metric)}`,
    `statistic: ${rule.statistic}`,
    rule.at_least === null ? null : `at_least: ${rule.at_least}`,
    rule.not_worse_by === null ? null : `not_worse_by: ${rule.not_worse_by}`,
    rule.min_items > 1 ? `min_items: ${rule.min_items}` : null,
    rule.severity === "warning" ? "severity: warning" : null,
  ].filter((line) => line !== null).map((line, index) => `${index === 0 ? "  - " : "    "}${line}`).join("\n"));
  return `rules:\n${rules.join("\n")}\nlevel: ${gate.level}\nmax_error_share: ${gate.max_error_share}\n`;
}
