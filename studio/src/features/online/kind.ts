import type { Schemas, Written } from "@/api/client";
import type { ResourceKind } from "@/resource/kind";

/** A rule: which traces are evaluated as they come in, and by what. */
export type Rule = Schemas["EvaluationRule"];
/** What can be written of it. */
export type RuleSpec = Written<Schemas["EvaluationRuleSpec"], "name" | "metrics">;
/** A metric of a rule. */
export type MetricSpec = NonNullable<RuleSpec["metrics"]>[number];

/** How rules are shown and stored. */
export const ruleKind: ResourceKind<Rule> = {
  kind: "evaluation-rules",
  path: "/evaluation-rules",
  title: { en: "Evaluation rules", vi: "Quy tắc đánh giá" },
  create: { en: "New rule", vi: "Quy tắc mới" },
  empty: {
    en: "A rule picks traces as they come in and scores them by the metrics of campaigns, within a budget. Make one, and the scores stand beside the traces.",
    vi: "Quy tắc chọn các vết ngay khi chúng đến và chấm điểm bằng các chỉ số của chiến dịch, trong ngân sách. Hãy tạo một quy tắc, điểm sẽ hiện bên cạnh các vết.",
  },
  read: "resources_read",
  write: "resources_write",
  versions: false,
};

/** What a new one begins with: a tenth of all traces, so that a judge's bill is no surprise. */
export const NEW_RULE: RuleSpec = { name: "", metrics: [], sampling_rate: 0.1 };
