import type { Schemas } from "@/api/client";
import { percent, score } from "@/lib/format";
import type { translate } from "@/i18n";
import type { compareTexts } from "./i18n";

type Compared = Schemas["MetricComparison"];
type T = ReturnType<typeof translate<typeof compareTexts.en>>;

/** What a comparison of one metric says. */
export type Finding = "better" | "worse" | "unsure" | "none";

/** Whether the interval leaves 0 out, and which way. Adjusted for the number of metrics where that is known. */
export function findingOf(one: Compared, level: number): Finding {
  if (one.interval === null || one.pairs === 0) return "none";
  const p = one.p_adjusted ?? one.p;
  const sure = p !== null ? p < 1 - level : one.interval.low > 0 || one.interval.high < 0;
  if (!sure) return "unsure";
  return one.difference > 0 ? "better" : "worse";
}

/** A difference with its sign. */
export function signed(value: number, isShare: boolean): string {
  const written = (size: number) => (isShare ? percent(size, 1) : score(size));
  const text = written(Math.abs(value));
  // What rounds to nothing has no direction.
  if (text === written(0)) return text;
  return value > 0 ? `+${text}` : value < 0 ? `−${text}` : text;
}

/** Scores lie between 0 and 1, so no difference is further than 1 from 0, whatever few items allow. */
export const bounded = (value: number) => Math.max(-1, Math.min(1, value));

/** Whether every case has the same result on both sides. */
export const isSame = (one: Compared) => one.interval !== null && one.difference === 0 && one.standard_error === 0;

/** A chance, in as many digits as say something. */
export const chance = (p: number | null): string => (p === null ? "–" : p < 0.001 ? "< 0.001" : p.toFixed(3));

/** A comparison of one metric as a sentence. */
export function wordsOf(one: Compared, level: number, t: T): string {
  const whole = one.metric === null;
  const metric = one.metric ?? t("wholeRun");
  const diff = signed(one.difference, whole);
  const finding = findingOf(one, level);
  if (!one.interval) return t("wordsNone", { metric, diff });
  const given = { metric, diff, level: percent(level), low: signed(bounded(one.interval.low), whole), high: signed(bounded(one.interval.high), whole) };
  if (finding === "better" || finding === "worse") return t(finding === "better" ? "wordsBetter" : "wordsWorse", { ...given, p: chance(one.p_adjusted ?? one.p) });
  if (isSame(one)) return t("wordsSame", { metric });
  if (one.detectable !== null && one.detectable >= 1) return t("wordsTooFew", { metric, diff, n: one.clusters ?? one.pairs });
  if (one.detectable === null) return t("wordsUnsurePlain", { metric, diff });
  return t("wordsUnsure", { ...given, detectable: whole ? percent(one.detectable, 1) : score(one.detectable) });
}
