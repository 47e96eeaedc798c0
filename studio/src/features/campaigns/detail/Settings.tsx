import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useText } from "@/i18n";
import { dateTime, NOTHING, number, percent, score } from "@/lib/format";
import { JsonView } from "@/ui/json-view";
import { Section } from "@/ui/section";
import { agentsOf, type Campaign, useNames } from "../data";
import { commonTexts } from "../i18n";
import { detailTexts } from "./i18n";

/** What the campaign was started with. */
export function Settings({ campaign }: { campaign: Campaign }) {
  const t = useText(detailTexts);
  const common = useText(commonTexts);
  const { spec } = campaign;
  const agents = agentsOf(spec);
  const agentName = useNames("agents", agents.map((one) => one.id));
  const modelName = useNames("models", [spec.judge_model_id, spec.persona_model_id]);
  const datasetName = useNames("datasets", [spec.dataset_id]);
  const scenarioName = useNames("scenarios", spec.scenario_ids ?? []);
  const personaName = useNames("personas", spec.persona_ids ?? []);
  const link = (to: string, text: string) => <Link key={to} to={to} className="mr-3 text-accent hover:underline">{text}</Link>;
  const rows: [string, ReactNode][] = [
    [common("agents"), agents.map((one) => link(`/agents/${one.id}`, `${agentName(one.id)} ${one.version ? common("version", { n: one.version }) : ""}`))],
    [common("dataset"), spec.dataset_id ? link(`/datasets/${spec.dataset_id}`, datasetName(spec.dataset_id)) : null],
    [common("scenarios"), spec.scenario_ids?.length ? spec.scenario_ids.map((id) => link(`/scenarios/${id}`, scenarioName(id))) : null],
    [common("personas"), spec.persona_ids?.length ? spec.persona_ids.map((id) => link(`/personas/${id}`, personaName(id))) : null],
    [common("metrics"), spec.metrics.length === 0 ? null : spec.metrics.map((one) => `${one.name ?? one.kind}${one.threshold == null ? "" : ` ≥ ${score(one.threshold)}`}`).join(", ")],
    [common("judge"), modelName(spec.judge_model_id)],
    [t("personaModel"), modelName(spec.persona_model_id)],
    [t("repetitions"), number(spec.repetitions)],
    [t("concurrency"), number(spec.concurrency)],
    [t("maxTurns"), number(spec.max_turns)],
    [t("maxAttempts"), number(spec.max_attempts)],
    [t("seed"), String(spec.seed)],
    [t("pace"), spec.pace ? number(spec.pace.per_minute) : null],
    [t("priority"), spec.priority ? number(spec.priority) : null],
    [t("record"), spec.record ? t("yes") : null],
    [t("tags"), spec.tags?.join(", ")],
    [t("gate"), t("gateText", { rate: percent(spec.gate.min_pass_rate), errors: percent(spec.gate.max_error_rate) })],
    [t("createdAt"), dateTime(campaign.created_at)],
    [t("finishedAt"), campaign.finished_at ? dateTime(campaign.finished_at) : NOTHING],
  ];
  return (
    <div className="grid gap-4 xl:grid-cols-2">
      <Section title={t("settings")}>
        <dl className="grid grid-cols-[10rem_minmax(0,1fr)] gap-x-4 gap-y-2 text-sm">
          {rows.filter(([, value]) => value !== null && value !== undefined && value !== "").map(([name, value]) => (
            <div key={name} className="contents"><dt className="text-muted">{name}</dt><dd className="wrap-anywhere">{value}</dd></div>
          ))}
        </dl>
      </Section>
      <Section title={t("asJson")}><JsonView value={spec} /></Section>
    </div>
  );
}
