import { useMemo } from "react";
import { useText } from "@/i18n";
import { cost, number, percent } from "@/lib/format";
import { ResourceList } from "@/resource/ResourceList";
import { Badge } from "@/ui/badge";
import type { Column } from "@/ui/data-table";
import { ruleTexts } from "./i18n";
import { type Rule, ruleKind } from "./kind";
import { useSummary } from "./entries";

/** All rules, with what they have done. */
export default function RulesPage() {
  const t = useText(ruleTexts);
  const summary = useSummary();
  const columns = useMemo<Column<Rule>[]>(() => {
    const of = (rule: Rule) => summary.data?.get(rule.id);
    return [
      { id: "state", header: t("state"), width: 96, cell: (rule) => { const why = of(rule)?.paused; return <span title={why ?? undefined}><Badge dot tone={!rule.enabled ? "neutral" : why ? "warn" : "good"}>{t(!rule.enabled ? "off" : why ? "paused" : "on")}</Badge></span>; } },
      { id: "metrics", header: t("metrics"), width: 150, cell: (rule) => <span className="text-muted" title={rule.metrics.map((one) => one.name ?? one.kind).join(", ")}>{rule.metrics.map((one) => one.name ?? one.kind).join(", ")}</span> },
      { id: "share", header: t("sampled"), width: 80, align: "end", cell: (rule) => percent(rule.sampling_rate, 1) },
      { id: "waiting", header: t("waitingNow"), width: 90, align: "end", cell: (rule) => { const counts = of(rule)?.counts; return number((counts?.waiting ?? 0) + (counts?.ready ?? 0) + (counts?.leased ?? 0)); } },
      { id: "done", header: t("done"), width: 80, align: "end", cell: (rule) => number(of(rule)?.counts.done ?? 0) },
      { id: "failed", header: t("failed"), width: 80, align: "end", cell: (rule) => { const n = of(rule)?.counts.failed ?? 0; return <span className={n > 0 ? "text-bad" : undefined}>{number(n)}</span>; } },
      { id: "spent", header: t("spent"), width: 112, align: "end", cell: (rule) => cost(of(rule)?.cost_usd_today ?? 0) },
    ];
  }, [t, summary.data]);
  return <ResourceList kind={ruleKind} columns={columns} />;
}
