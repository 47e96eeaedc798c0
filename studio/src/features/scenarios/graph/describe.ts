import type { Does, When } from "./model";

/** Words that descriptions are made with; the feature's texts have them in both languages. */
export interface Words {
  otherwise: string;
  again: string;
  over: string;
  byModel: string;
  contains: string;
  containsOne: string;
  calls: string;
  turns: string;
  sounds: string;
  passed: string;
  failed: string;
  times: string;
  seconds: string;
  each: string;
  while: string;
}

/** What a node does, in one line; empty where its type says all. */
export function describe(does: Does, words: Words): string {
  switch (does.type) {
    case "persona_turn": return does.say ? `“${does.say}”` : does.instructions || words.byModel;
    case "task": return does.instruction;
    case "converse": return does.max_turns ? `≤ ${does.max_turns} ${words.turns}` : "";
    case "expectation": return `${does.metric.name || does.metric.kind}${does.severity ? ` · ${does.severity}` : ""}`;
    case "evaluate": return (does.metrics ?? []).map((metric) => metric.name || metric.kind).join(", ");
    case "tool_mock": return `${does.tool} → ${short(JSON.stringify(does.output ?? null))}`;
    case "tool": return `${does.method ?? "GET"} ${does.url}`;
    case "code": return `${does.output} = ${does.program_id ? "program" : (does.expression ?? "")}`;
    case "transform": return `${does.output} = ${does.template}`;
    case "wait": return `${does.seconds} ${words.seconds}`;
    case "loop": return does.each ? `${words.each} ${does.each}` : does.while ? `${words.while} ${does.while}` : `${does.times ?? 10} ${words.times}`;
    case "wait_for_person": return does.question;
    case "trigger": return typeof does.on === "object" && "cron" in does.on ? String(does.on.cron) : Object.keys(does.on)[0] ?? "";
    case "end": return does.result === "passed" ? words.passed : does.result === "failed" ? words.failed : "";
    default: return "";
  }
}

/** When an edge is taken, in a few words. An edge without a condition says something where the node has others. */
export function describeWhen(when: When | null | undefined, from: Does["type"] | undefined, words: Words): string {
  if (!when) return from === "condition" ? words.otherwise : from === "loop" ? words.over : "";
  if ("again" in when) return words.again;
  if ("answer_contains" in when) return `${words.contains} “${short(when.answer_contains)}”`;
  if ("answer_contains_any" in when) return `${words.containsOne} ${short(when.answer_contains_any.join(", "))}`;
  if ("tool_called" in when) return `${words.calls} ${when.tool_called}`;
  if ("turns_at_least" in when) return `${words.turns} ≥ ${when.turns_at_least}`;
  if ("score_below" in when) return `${when.score_below.metric} < ${when.score_below.value}`;
  if ("sentiment" in when) return `${words.sounds} ${when.sentiment}`;
  if ("judge" in when) return `⚖ ${short(when.judge)}`;
  return short(when.expression);
}

const short = (text: string) => (text.length > 32 ? `${text.slice(0, 31)}…` : text);
