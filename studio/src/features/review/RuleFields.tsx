import { Trash2 } from "lucide-react";
import { useQuery } from "@tanstack/react-query";
import { request, type Schemas } from "@/api/client";
import type { Page } from "@/api/pages";
import { useText } from "@/i18n";
import { numberAt, textAt } from "@/resource/fields";
import type { Draft } from "@/resource/draft";
import { Button } from "@/ui/button";
import { Field } from "@/ui/field";
import { Input, Select, Textarea } from "@/ui/input";
import { queueFormTexts } from "./i18n-form";
import { PickMany } from "./pick";
import type { QueueSpec } from "./queue";

type Condition = Schemas["ReviewCondition"];
const CONDITIONS = ["score_between", "score_below", "score_above", "confidence_below", "interval_crosses_threshold", "disagreement", "error", "always"] as const;

/** A condition of another type, with numbers to begin with. */
function conditionOf(type: Condition["type"]): Condition {
  if (type === "score_between") return { type, low: 0.4, high: 0.6 };
  if (type === "score_below" || type === "confidence_below") return { type, value: 0.5 };
  if (type === "score_above") return { type, value: 0.9 };
  return { type } as Condition;
}

const lines = (text: string) => text.split("\n").map((line) => line.trim()).filter(Boolean);

/** One rule: which scores enter the queue by themselves. */
export function RuleFields({ draft, index }: { draft: Draft<QueueSpec>; index: number }) {
  const t = useText(queueFormTexts);
  const at = `/rules/${index}`;
  const rule = draft.value.rules?.[index];
  const { data: agents } = useQuery({
    queryKey: ["agents", "to-choose"],
    queryFn: async ({ signal }) => (await request<Page<{ id: string; name: string }>>("GET", "/api/v1/agents", { query: { limit: 200, sort: "name" }, signal })).data.data,
  });
  if (!rule) return null;
  const { when } = rule;
  return (
    <fieldset className="grid gap-3 rounded-md border border-line p-3">
      <legend className="sr-only">{rule.name}</legend>
      <div className="grid items-start gap-3 sm:grid-cols-[1fr_1fr_auto]">
        <Field label={t("ruleName")} pointer={`${at}/name`} required><Input {...textAt(draft, `${at}/name`)} /></Field>
        <Field label={t("source")} pointer={`${at}/source`}>
          <Select value={rule.source ?? "runs"} onChange={(event) => draft.set(`${at}/source`, event.target.value)}>
            <option value="runs">{t("runs")}</option>
            <option value="online">{t("online")}</option>
          </Select>
        </Field>
        <Button variant="ghost" size="icon" className="mt-6" aria-label={t("remove", { name: rule.name })} onClick={() => draft.set("/rules", draft.value.rules?.filter((_, one) => one !== index))}><Trash2 aria-hidden /></Button>
      </div>
      <div className="grid items-start gap-3 sm:grid-cols-[1.6fr_repeat(2,5.5rem)_1fr_7rem]">
        <Field label={t("when")} pointer={`${at}/when/type`}>
          <Select value={when.type} onChange={(event) => draft.set(`${at}/when`, conditionOf(event.target.value as Condition["type"]))}>
            {CONDITIONS.map((type) => <option key={type} value={type}>{t(type)}</option>)}
          </Select>
        </Field>
        {when.type === "score_between" && <>
          <Field label={t("low")} pointer={`${at}/when/low`}><Input min={0} max={1} step={0.05} {...numberAt(draft, `${at}/when/low`)} /></Field>
          <Field label={t("high")} pointer={`${at}/when/high`}><Input min={0} max={1} step={0.05} {...numberAt(draft, `${at}/when/high`)} /></Field>
        </>}
        {"value" in when && <Field label={t("value")} pointer={`${at}/when/value`} className="sm:col-span-2"><Input min={0} max={1} step={0.05} {...numberAt(draft, `${at}/when/value`)} /></Field>}
        {when.type !== "score_between" && !("value" in when) && <span className="hidden sm:col-span-2 sm:block" />}
        <Field label={t("metric")} pointer={`${at}/metric`}><Input placeholder={t("anyMetric")} {...textAt(draft, `${at}/metric`, "absent")} /></Field>
        <Field label={t("sample")} pointer={`${at}/sample_percent`}><Input min={0} max={100} step="any" placeholder="100" {...numberAt(draft, `${at}/sample_percent`)} /></Field>
      </div>
      {when.type === "disagreement" && (
        <Field label={t("metrics")} pointer={`${at}/when/metrics`} hint={t("metricsHint")}>
          <Textarea rows={2} defaultValue={when.metrics?.join("\n") ?? ""} onChange={(event) => draft.set(`${at}/when/metrics`, lines(event.target.value))} />
        </Field>
      )}
      {(rule.source ?? "runs") === "runs" && (
        <details open={(rule.campaigns?.length ?? 0) + (rule.agent_ids?.length ?? 0) > 0}>
          <summary className="text-sm text-muted">{t("narrow")}</summary>
          <div className="mt-2 grid items-start gap-3 sm:grid-cols-2">
            <Field label={t("campaigns")} pointer={`${at}/campaigns`} hint={t("campaignsHint")}>
              <Textarea rows={2} defaultValue={rule.campaigns?.join("\n") ?? ""} onChange={(event) => draft.set(`${at}/campaigns`, lines(event.target.value))} />
            </Field>
            <Field label={t("agents")} pointer={`${at}/agent_ids`}>
              <PickMany
                value={rule.agent_ids ?? []}
                placeholder={t("allAgents")}
                options={(agents ?? []).map((one) => ({ value: one.id, label: one.name }))}
                onChange={(ids) => draft.set(`${at}/agent_ids`, ids)}
              />
            </Field>
          </div>
        </details>
      )}
    </fieldset>
  );
}
