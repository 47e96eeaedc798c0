import type { Schemas, Written } from "@/api/client";
import { agentsOf } from "../data";

/** A campaign as it is written. */
export type Spec = Written<Schemas["CampaignSpecInput"], "name">;
/** What one knows of a kind of metric. */
export type Kind = Schemas["CatalogueEntry"];

/** The steps in their order. */
export const STEPS = ["agents", "cases", "metrics", "models", "run"] as const;
/** One of them. */
export type Step = (typeof STEPS)[number];

const AT: Record<Step, RegExp> = {
  agents: /^\/(name|agent_id|agents)(\/|$)/,
  cases: /^\/(dataset_id|scenario_ids|persona_ids|max_turns)(\/|$)/,
  metrics: /^\/metrics(\/|$)/,
  models: /^\/(judge_model_id|judging|persona_model_id)(\/|$)/,
  run: /^\//,
};

/** The step whose field a pointer names; what no step has is the last one's. */
export const stepOf = (pointer: string): Step => STEPS.find((step) => AT[step].test(pointer)) ?? "run";

/** What a new campaign begins with. */
export const NEW: Spec = { name: "", agents: [], metrics: [], repetitions: 1, concurrency: 4, max_turns: 10, gate: { min_pass_rate: 0.9, max_error_rate: 0.1 } };

/** A campaign that is like another one. */
export function copyOf(spec: Schemas["CampaignSpec"], name: string): Spec {
  const { agent_id: _one, replay_of: _replay, ...rest } = spec;
  return { ...(rest as Spec), name, agents: agentsOf(spec).map(({ id, version }) => (version ? { id, version } : { id })) };
}

/** What is sent: one agent without a version in the short way, and nothing that is empty. */
export function written(spec: Spec): Spec {
  const { agents = [], ...rest } = spec;
  const one = agents.length === 1 && agents[0] && !agents[0].version ? agents[0].id : null;
  const all = { ...rest, ...(one ? { agent_id: one } : { agents }) };
  return Object.fromEntries(Object.entries(all).filter(([key, value]) =>
    value !== undefined && value !== null && !(Array.isArray(value) && value.length === 0 && key !== "agents")
    && !(key === "budget" && Object.values(value as object).every((bound) => bound == null)))) as Spec;
}

/** How many cases one agent meets once. */
export function casesOf(spec: Spec, itemsOfDataset: number | null): number | null {
  if (spec.dataset_id) return itemsOfDataset;
  const scenarios = spec.scenario_ids?.length ?? 0;
  return scenarios === 0 ? null : scenarios * Math.max(1, spec.persona_ids?.length ?? 0);
}

/** What a campaign will take. */
export interface Estimate {
  agents: number;
  cases: number;
  repetitions: number;
  runs: number;
  /** Least and most calls of agents; tries again are not counted. */
  calls: { low: number; high: number };
  judgements: number;
}

/** What a campaign will take, as far as it can be known before; null while agents or cases are missing. */
export function estimateOf(spec: Spec, kinds: readonly Kind[], itemsOfDataset: number | null): Estimate | null {
  const agents = spec.agents?.length ?? 0;
  const cases = casesOf(spec, itemsOfDataset);
  if (agents === 0 || cases === null) return null;
  const repetitions = spec.repetitions ?? 1;
  const runs = agents * cases * repetitions;
  const judged = (spec.metrics ?? []).filter((metric) => kinds.find((kind) => kind.kind === metric.kind)?.needs_judge).length;
  const judges = (spec.judging?.runs ?? 1) * (1 + (spec.judging?.panel?.length ?? 0));
  const turns = spec.dataset_id ? 1 : spec.max_turns ?? 10;
  return { agents, cases, repetitions, runs, calls: { low: runs, high: runs * turns }, judgements: runs * judged * judges };
}

/** The metrics among those chosen that ask a judge. */
export const judgedOf = (spec: Spec, kinds: readonly Kind[]): string[] =>
  (spec.metrics ?? []).filter((metric) => kinds.find((kind) => kind.kind === metric.kind)?.needs_judge).map((metric) => metric.name ?? metric.kind);
