import { useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";
import { Plus, Scale, X } from "lucide-react";
import { api, type Schemas, unwrap } from "@/api/client";
import { ApiError } from "@/api/error";
import { useText } from "@/i18n";
import { number, percent } from "@/lib/format";
import { useUrlState } from "@/lib/url-state";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { CopyButton } from "@/ui/copy";
import { Field, FieldErrors } from "@/ui/field";
import { Input, Select } from "@/ui/input";
import { Section } from "@/ui/section";
import { Empty, ErrorState, Loading } from "@/ui/states";
import { CampaignPicker } from "../CampaignPicker";
import { compareTexts } from "../compare/i18n";
import { agentsOf, armOf, type Campaign, isOpen, useAllRuns, useCampaign, useNames } from "../data";
import { type GateDraft, gateYaml, NEW_RULE, readGate, type Rule, writtenGate } from "../gate-rules";
import { commonTexts } from "../i18n";
import { FIRST_RUNS } from "./Head";

/** Rules that a campaign must meet, and what they say of it. The rules that were judged by stand in the address. */
export function GateTab({ campaign }: { campaign: Campaign }) {
  const t = useText(compareTexts);
  const common = useText(commonTexts);
  const [state, set] = useUrlState({ rules: "", baseline: "", agent: "", judged: "" });
  const asked = useMemo(() => readGate(state.rules), [state.rules]);
  const [draft, setDraft] = useState(asked);
  useEffect(() => setDraft(asked), [asked]);
  const runs = useAllRuns(campaign.id, FIRST_RUNS);
  const metrics = useMemo(() => [...new Set(runs.rows.flatMap((run) => run.scores.map((one) => one.name)))], [runs.rows]);
  const { agents, agent } = armOf(campaign, state.agent);
  const agentName = useNames("agents", agents);
  const baseline = useCampaign(state.baseline, state.baseline !== "");
  // The same agent as of the candidate, where the baseline has it.
  const other = armOf(baseline.data, agent || agentsOf(campaign.spec)[0]?.id || "").agent;
  const judged = useQuery({
    queryKey: ["campaigns", "gate", campaign.id, asked, state.baseline, agent, other],
    queryFn: () => unwrap(api.POST("/api/v1/campaigns/{id}/gate", {
      params: { path: { id: campaign.id } },
      body: { gate: asked as never, baseline_id: state.baseline || null, agent_id: agent || null, baseline_agent_id: other || null, scores: "effective" },
    })),
    enabled: state.judged === "1" && !isOpen(campaign) && (state.baseline === "" || !baseline.isPending),
    retry: false,
  });
  if (isOpen(campaign)) return <div className="card"><Empty icon={Scale} title={t("gateOpen")} /></div>;
  const errors = judged.error instanceof ApiError ? judged.error.fields : new Map<string, string>();
  const setRule = (index: number, change: Partial<Rule>) => setDraft({ ...draft, rules: draft.rules.map((rule, at) => (at === index ? { ...rule, ...change } : rule)) });
  return (
    <div className="grid gap-4 xl:grid-cols-[minmax(0,1fr)_minmax(0,1fr)]">
      <FieldErrors value={errors}>
        <form
          noValidate className="grid content-start gap-4"
          onSubmit={(event) => { event.preventDefault(); set({ rules: writtenGate(draft), judged: "1" }, { push: true }); if (writtenGate(draft) === state.rules) void judged.refetch(); }}
        >
          <Section title={t("gateTitle")}>
            <p className="-mt-2 text-sm text-muted">{t("gateIntro")}</p>
            {draft.rules.map((rule, index) => (
              <RuleFields key={index} rule={rule} index={index} metrics={metrics} onChange={(change) => setRule(index, change)} {...(draft.rules.length > 1 ? { onRemove: () => setDraft({ ...draft, rules: draft.rules.filter((_, at) => at !== index) }) } : {})} />
            ))}
            <div><Button size="sm" onClick={() => setDraft({ ...draft, rules: [...draft.rules, NEW_RULE] })}><Plus aria-hidden />{t("addRule")}</Button></div>
            <div className="grid gap-4 border-t border-line pt-4 sm:grid-cols-2">
              <Field label={t("baseline")} className="grid-cols-1" pointer="/baseline_id" hint={t("baselineNeeded")}><CampaignPicker value={state.baseline} onChange={(baseline) => set({ baseline })} not={campaign.id} placeholder={t("none")} /></Field>
              {agents.length > 1 && (
                <Field label={common("agent")} pointer="/agent_id">
                  <Select value={agent} onChange={(event) => set({ agent: event.target.value })}>{agents.map((one) => <option key={one} value={one}>{agentName(one)}</option>)}</Select>
                </Field>
              )}
              <Field label={t("level")} pointer="/gate/level"><Input type="number" min={0.5} max={0.999} step={0.01} value={draft.level} onChange={(event) => setDraft({ ...draft, level: Number(event.target.value) })} /></Field>
              <Field label={t("maxErrors")} pointer="/gate/max_error_share"><Input type="number" min={0} max={1} step={0.01} value={draft.max_error_share} onChange={(event) => setDraft({ ...draft, max_error_share: Number(event.target.value) })} /></Field>
            </div>
            <div><Button type="submit" variant="primary" busy={judged.isFetching}><Scale aria-hidden />{t("judge")}</Button></div>
          </Section>
        </form>
      </FieldErrors>
      <div className="grid content-start gap-4" aria-live="polite">
        {judged.isFetching && !judged.data ? <Loading rows={3} /> : judged.error ? <ErrorState error={judged.error} /> : judged.data && <Judged judged={judged.data} />}
        <Yaml gate={draft} />
      </div>
    </div>
  );
}

function RuleFields({ rule, index, metrics, onChange, onRemove }: { rule: Rule; index: number; metrics: readonly string[]; onChange(change: Partial<Rule>): void; onRemove?: () => void }) {
  const t = useText(compareTexts);
  const at = `/gate/rules/${index}`;
  const compares = rule.not_worse_by !== null;
  const value = compares ? rule.not_worse_by : rule.at_least;
  const put = (comparing: boolean, next: number) => onChange(comparing ? { at_least: null, not_worse_by: next } : { at_least: next, not_worse_by: null });
  return (
    <fieldset className="grid gap-3 rounded-md border border-line bg-canvas p-3" data-pointer={at}>
      <legend className="sr-only">{t("rule", { n: index + 1 })}</legend>
      <div className="flex items-center justify-between text-sm font-semibold"><span aria-hidden>{t("rule", { n: index + 1 })}</span>
        {onRemove && <Button variant="ghost" size="icon-sm" aria-label={t("removeRule")} onClick={onRemove}><X aria-hidden /></Button>}
      </div>
      <div className="grid grid-cols-2 gap-3 sm:grid-cols-3">
        <Field label={t("metric")} pointer={`${at}/metric`}>
          <Select value={rule.metric ?? ""} onChange={(event) => onChange({ metric: event.target.value || null })}>
            <option value="">{t("wholeRun")}</option>
            {[...new Set([...metrics, ...(rule.metric ? [rule.metric] : [])])].map((one) => <option key={one} value={one}>{one}</option>)}
          </Select>
        </Field>
        <Field label={t("statistic")} pointer={`${at}/statistic`}>
          <Select value={rule.statistic} onChange={(event) => onChange({ statistic: event.target.value as Rule["statistic"] })}>
            <option value="pass_rate">{t("pass_rate")}</option><option value="mean">{t("mean")}</option>
          </Select>
        </Field>
        <Field label={t("severity")} pointer={`${at}/severity`}>
          <Select value={rule.severity} onChange={(event) => onChange({ severity: event.target.value as Rule["severity"] })}>
            <option value="blocking">{t("blocking")}</option><option value="warning">{t("warning")}</option>
          </Select>
        </Field>
        <Field label={t("condition")}>
          <Select value={compares ? "worse" : "least"} onChange={(event) => put(event.target.value === "worse", event.target.value === "worse" ? 0.02 : 0.8)}>
            <option value="least">{t("atLeast")}</option><option value="worse">{t("notWorse")}</option>
          </Select>
        </Field>
        <Field label={t("value")} pointer={compares ? `${at}/not_worse_by` : `${at}/at_least`}><Input type="number" min={0} max={1} step={0.01} value={value ?? ""} onChange={(event) => put(compares, Number(event.target.value))} /></Field>
        <Field label={t("minItems")} pointer={`${at}/min_items`}><Input type="number" min={1} value={rule.min_items} onChange={(event) => onChange({ min_items: Number(event.target.value) })} /></Field>
      </div>
    </fieldset>
  );
}

const TONES = { PASS: "good", FAIL: "bad", INCONCLUSIVE: "warn" } as const;

function Judged({ judged: { report } }: { judged: Schemas["GateJudged"] }) {
  const t = useText(compareTexts);
  return (
    <Section title={<span className="flex items-center gap-3">{t("result")}<Badge dot tone={TONES[report.verdict]}>{t(report.verdict)}</Badge></span>}>
      <p className="-mt-1 text-sm">{report.reason}</p>
      <ol className="divide-y divide-line">
        {report.rules.map((one, index) => (
          <li key={index} className="grid gap-1 py-2.5 text-sm">
            <span className="flex flex-wrap items-center gap-2">
              <Badge dot tone={TONES[one.verdict]}>{t(one.verdict)}</Badge>
              <span className="font-medium">{one.rule.metric ?? t("wholeRun")}</span>
              <span className="text-muted">{t(one.rule.statistic)} {one.rule.not_worse_by != null ? `${t("notWorse")} ${percent(one.rule.not_worse_by, 1)}` : `${t("atLeast")} ${percent(one.rule.at_least, 1)}`}</span>
              {one.rule.severity === "warning" && <Badge>{t("warning")}</Badge>}
            </span>
            <span className="text-muted">{one.reason}</span>
            <span className="text-xs text-muted tabular-nums">
              {t("value")} {percent(one.value, 1)} · {t("interval")} {one.interval ? `${percent(one.interval.low, 1)} – ${percent(one.interval.high, 1)}` : "–"} · {t("items")} {number(one.items)}
              {one.items_needed != null && ` · ${t("itemsNeeded", { n: one.items_needed })}`}
            </span>
          </li>
        ))}
      </ol>
      <p className="text-xs text-muted">{t("errorsOfRuns", { errors: report.errors, runs: report.runs })}</p>
    </Section>
  );
}

function Yaml({ gate }: { gate: GateDraft }) {
  const t = useText(compareTexts);
  const text = gateYaml(gate);
  return (
    <details className="card px-4 py-3 text-sm">
      <summary className="font-medium">{t("yaml")}</summary>
      <div className="mt-2 flex items-start gap-2"><pre className="min-w-0 flex-1 overflow-x-auto rounded-md bg-sunken p-3 font-mono text-xs">{text}</pre><CopyButton text={text} /></div>
    </details>
  );
}
