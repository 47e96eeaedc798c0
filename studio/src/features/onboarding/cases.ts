import type { Schemas } from "@/api/client";

/** A metric as it is sent; its parameters are those of its kind, which the API's types do not know. */
export interface Metric {
  kind: Schemas["MetricSpec"]["kind"];
  name?: string;
  params?: Record<string, unknown>;
}

/** One case as it is sent. */
export interface Case {
  key: string;
  input: string;
  expected_output?: string;
  metrics?: Metric[];
}

const ARROW = /\s*=>\s*/;

/** Cases of lines: a question, and after `=>` what the answer must have in it. Empty lines and what is typed twice count for nothing. */
export function casesOf(text: string): Case[] {
  const seen = new Set<string>();
  const cases: Case[] = [];
  for (const line of text.split("\n")) {
    const [input = "", ...rest] = line.trim().split(ARROW);
    const expected = rest.join(" => ");
    if (!input || seen.has(`${input}\n${expected}`)) continue;
    seen.add(`${input}\n${expected}`);
    cases.push({
      key: `case-${cases.length + 1}`,
      input,
      // A metric of the case alone: lines without an expectation are not measured by one.
      ...(expected && { expected_output: expected, metrics: [{ kind: "contains", name: "expected answer", params: { values: [expected] } }] }),
    });
  }
  return cases;
}

/** What may be looked at without any model, and by a judge. */
export interface Choice {
  latency: boolean;
  seconds: number;
  length: boolean;
  words: number;
  relevancy: boolean;
  toxicity: boolean;
}

export const DEFAULTS: Choice = { latency: true, seconds: 10, length: true, words: 300, relevancy: true, toxicity: false };

/** The metrics of the campaign. Those of a judge count only where there is one. */
export function metricsOf(choice: Choice, judged: boolean): Metric[] {
  return [
    ...(choice.latency ? [{ kind: "latency" as const, params: { max_ms: Math.max(1, Math.round(choice.seconds * 1000)) } }] : []),
    ...(choice.length ? [{ kind: "length" as const, params: { min: 1, max: Math.max(1, Math.round(choice.words)) } }] : []),
    ...(judged && choice.relevancy ? [{ kind: "answer_relevancy" as const }] : []),
    ...(judged && choice.toxicity ? [{ kind: "toxicity" as const }] : []),
  ];
}

/** A name that is not taken yet: the wanted one, or with a number. */
export function freeName(wanted: string, taken: ReadonlySet<string>): string {
  if (!taken.has(wanted)) return wanted;
  for (let n = 2; ; n += 1) if (!taken.has(`${wanted} ${n}`)) return `${wanted} ${n}`;
}
