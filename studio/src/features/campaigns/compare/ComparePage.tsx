import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { useMemo } from "react";
import { ArrowLeftRight, GitCompareArrows } from "lucide-react";
import { api, type Schemas, unwrap } from "@/api/client";
import { useText } from "@/i18n";
import { number, percent, score } from "@/lib/format";
import { useUrlState } from "@/lib/url-state";
import { Button } from "@/ui/button";
import { Field } from "@/ui/field";
import { Select } from "@/ui/input";
import { LoadedPage } from "@/ui/loaded-page";
import { Page } from "@/ui/page";
import { Section } from "@/ui/section";
import { Empty, ErrorState, Loaded } from "@/ui/states";
import { CampaignPicker } from "../CampaignPicker";
import { armOf, type Campaign, useCampaign, useNames } from "../data";
import { commonTexts } from "../i18n";
import { Changes } from "./Changes";
import { CompareTable } from "./CompareTable";
import { compareTexts } from "./i18n";
import { findingOf, isSame, wordsOf } from "./words";

const LEVELS = ["0.8", "0.9", "0.95", "0.99"];

/** What a comparison is asked with; all of it is in the address. */
export interface Asked {
  baseline: string;
  agent: string;
  baselineAgent: string;
  level: string;
  scores: string;
}

/** Two campaigns side by side, in words, in figures, and item by item. */
export default function ComparePage() {
  const { id } = useParams({ strict: false }) as { id: string };
  const common = useText(commonTexts);
  const campaign = useCampaign(id);
  return <LoadedPage query={campaign} title={common("campaign")} back={{ to: "/campaigns", label: common("campaigns") }}>{(data) => <Compare key={data.id} campaign={data} />}</LoadedPage>;
}

function Compare({ campaign }: { campaign: Campaign }) {
  const t = useText(compareTexts);
  const common = useText(commonTexts);
  const navigate = useNavigate();
  const [state, set] = useUrlState({ baseline: "", agent: "", baselineAgent: "", level: "0.95", scores: "effective" });
  const baseline = useCampaign(state.baseline, state.baseline !== "");
  const mine = armOf(campaign, state.agent);
  // Beside itself a campaign shows how two of its agents differ.
  const theirs = armOf(baseline.data, state.baselineAgent, state.baseline === campaign.id ? 1 : 0);
  const agentName = useNames("agents", [...mine.agents, ...theirs.agents]);
  const asked: Asked = { ...state, agent: mine.agent, baselineAgent: theirs.agent };
  const compared = useQuery({
    queryKey: ["campaigns", "compare", campaign.id, asked],
    queryFn: () => unwrap(api.GET("/api/v1/campaigns/{id}/compare", {
      params: {
        path: { id: campaign.id },
        query: {
          baseline: state.baseline, level: Number(state.level), scores: state.scores as Schemas["WhoseScores"],
          ...(mine.agent ? { agent_id: mine.agent } : {}), ...(theirs.agent ? { baseline_agent_id: theirs.agent } : {}),
        },
      },
    })),
    enabled: state.baseline !== "" && baseline.data !== undefined,
    retry: false,
  });
  return (
    <Page title={t("compareTitle", { name: campaign.name })} back={{ to: `/campaigns/${campaign.id}`, label: campaign.name }}>
      <div className="grid grid-cols-1 gap-4">
        <div className="card grid gap-4 p-4 sm:grid-cols-2 lg:grid-cols-4">
          <Field label={t("baseline")} className="grid-cols-1"><CampaignPicker value={state.baseline} onChange={(next) => set({ baseline: next, baselineAgent: "" }, { push: true })} not={mine.agents.length > 1 ? "" : campaign.id} placeholder={t("chooseBaseline")} /></Field>
          {mine.agents.length > 1 && <AgentField label={t("agentOf")} value={mine.agent} agents={mine.agents} name={agentName} onChange={(agent) => set({ agent })} />}
          {theirs.agents.length > 1 && <AgentField label={t("agentOfBaseline")} value={theirs.agent} agents={theirs.agents} name={agentName} onChange={(baselineAgent) => set({ baselineAgent })} />}
          <Field label={t("level")}><Select value={state.level} onChange={(event) => set({ level: event.target.value })}>{LEVELS.map((one) => <option key={one} value={one}>{percent(Number(one))}</option>)}</Select></Field>
          <Field label={t("scores")}>
            <Select value={state.scores} onChange={(event) => set({ scores: event.target.value })}>
              <option value="effective">{t("effective")}</option><option value="machine">{t("machine")}</option><option value="human">{t("human")}</option>
            </Select>
          </Field>
          {state.baseline && state.baseline !== campaign.id && (
            <div className="self-end">
              <Button onClick={() => void navigate({ to: `/campaigns/${state.baseline}/compare`, search: { baseline: campaign.id } as never })}><ArrowLeftRight aria-hidden />{t("swap")}</Button>
            </div>
          )}
        </div>
        {!state.baseline ? <div className="card"><Empty icon={GitCompareArrows} title={t("needBaseline")}>{t("needBaselineText")}</Empty></div>
          : baseline.error ? <ErrorState error={baseline.error} onRetry={() => void baseline.refetch()} />
          : (
            <Loaded query={compared}>
              {(data) => (
                <>
                  <Sides data={data} passed={common("passRate")} />
                  {data.metrics.length === 0
                    ? <div className="card"><Empty icon={GitCompareArrows} title={t("nothingCommon")}>{t("nothingCommonText")}</Empty></div>
                    : <><Words data={data} /><CompareTable data={data} /></>}
                  <Changes campaign={campaign} asked={asked} metrics={data.metrics.flatMap((one) => (one.metric === null ? [] : [one.metric]))} />
                </>
              )}
            </Loaded>
          )}
      </div>
    </Page>
  );
}

const AgentField = ({ label, value, agents, name, onChange }: { label: string; value: string; agents: readonly string[]; name(id: string): string; onChange(id: string): void }) => (
  <Field label={label}><Select value={value} onChange={(event) => onChange(event.target.value)}>{agents.map((one) => <option key={one} value={one}>{name(one)}</option>)}</Select></Field>
);

function Sides({ data, passed }: { data: Schemas["CampaignComparison"]; passed: string }) {
  const t = useText(compareTexts);
  const common = useText(commonTexts);
  const agentName = useNames("agents", [data.baseline.agent_id, data.candidate.agent_id]);
  const whole = data.metrics.find((one) => one.metric === null);
  return (
    <div className="grid gap-4 md:grid-cols-2">
      {(["baseline", "candidate"] as const).map((side) => (
        <section key={side} className="card grid grid-cols-[minmax(0,1fr)_auto] gap-x-4 p-4">
          <h2 className="label col-span-2">{t(side)}</h2>
          <div className="min-w-0">
            <Link to={`/campaigns/${data[side].campaign_id}`} className="block truncate font-semibold hover:text-accent hover:underline">{data[side].name}</Link>
            <p className="truncate text-sm text-muted">{agentName(data[side].agent_id)} {common("version", { n: data[side].agent_version })} · {common("runs")} {number(data[side].runs)}</p>
          </div>
          <p className="text-right"><span className="text-2xl font-semibold tabular-nums">{percent(whole?.[side].pass_rate, 1)}</span><span className="block text-xs text-muted">{passed}</span></p>
        </section>
      ))}
    </div>
  );
}

const ORDER = { worse: 0, better: 1, unsure: 2, none: 3 };

function Words({ data }: { data: Schemas["CampaignComparison"] }) {
  const t = useText(compareTexts);
  const sorted = useMemo(() => data.metrics.filter((one) => !isSame(one)).sort((a, b) => ORDER[findingOf(a, data.level)] - ORDER[findingOf(b, data.level)]), [data]);
  const same = data.metrics.filter(isSame).map((one) => one.metric ?? t("wholeRun"));
  const whole = data.metrics.find((one) => one.metric === null);
  const errors = whole ? whole.baseline.errors + whole.candidate.errors : 0;
  const alone = whole ? whole.baseline.alone + whole.candidate.alone : 0;
  const overridden = data.baseline.overridden + data.candidate.overridden;
  return (
    <Section title={t("summary")}>
      <ul className="grid gap-1.5 text-sm">
        {sorted.map((one) => {
          const finding = findingOf(one, data.level);
          return (
            <li key={one.metric ?? ""} className="flex gap-2.5">
              <span aria-hidden className={finding === "worse" ? "text-bad" : finding === "better" ? "text-good" : "text-muted"}>{finding === "worse" ? "▼" : finding === "better" ? "▲" : "●"}</span>
              <span className={finding === "unsure" || finding === "none" ? "text-muted" : ""}>{wordsOf(one, data.level, t)}</span>
            </li>
          );
        })}
        {same.length > 0 && <li className="flex gap-2.5 text-muted"><span aria-hidden>=</span><span>{t("wordsSame", { metric: same.join(", ") })}</span></li>}
      </ul>
      <div className="grid gap-0.5 text-xs text-muted">
        {whole?.discordant && <p>{t("wordsFlips", { gained: whole.discordant.gained, lost: whole.discordant.lost, p: score(whole.discordant.p_exact) })}</p>}
        {errors > 0 && whole && <p>{t("wordsErrors", { n: errors, a: whole.baseline.errors, b: whole.candidate.errors })}</p>}
        {alone > 0 && <p>{t("wordsAlone", { n: alone })}</p>}
        {overridden > 0 && <p>{t("overriddenNote", { n: overridden })}</p>}
        {data.metrics.length > 1 && <p>{t("adjusted")}</p>}
      </div>
    </Section>
  );
}
