import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useRef, useState } from "react";
import { Rocket } from "lucide-react";
import { api, request, type Schemas, unwrap } from "@/api/client";
import { useMay } from "@/api/me";
import type { Page as ApiPage } from "@/api/pages";
import { useText } from "@/i18n";
import { Button } from "@/ui/button";
import { Page } from "@/ui/page";
import { messageOf, NoPermission } from "@/ui/states";
import { toast } from "@/ui/toast";
import { AgentStep, type Tried } from "./AgentStep";
import { casesOf, DEFAULTS, metricsOf } from "./cases";
import { type CasesChoice, CasesStep } from "./CasesStep";
import { welcomeTexts } from "./i18n";
import { MetricsStep } from "./MetricsStep";
import { storeAgent, storeCases } from "./store";

/** From a pasted command to a campaign that runs. */
export default function WelcomePage() {
  const t = useText(welcomeTexts);
  const mayWrite = useMay("resources_write");
  const mayRun = useMay("campaigns_run");
  if (!mayWrite || !mayRun) return <NoPermission />;
  return <Page title={t("title")} description={t("intro")} wide={false}><Steps /></Page>;
}

function Steps() {
  const t = useText(welcomeTexts);
  const client = useQueryClient();
  const navigate = useNavigate();
  const [tried, setTried] = useState<Tried | null>(null);
  const [metrics, setMetrics] = useState(DEFAULTS);
  const [judge, setJudge] = useState("");
  const [cases, setCases] = useState<CasesChoice>({ from: "typed", text: "", dataset: null });
  const models = useQuery({
    queryKey: ["models", "to-choose"],
    queryFn: async ({ signal }) => (await request<ApiPage<{ id: string; name: string }>>("GET", "/api/v1/models", { query: { limit: 200 }, signal })).data.data,
  });
  const typed = casesOf(cases.text);
  const chosen = metricsOf(metrics, judge !== "");
  const hasCases = cases.from === "typed" ? typed.length > 0 : (cases.dataset?.item_count ?? 0) > 0;
  const expects = cases.from === "typed" && typed.some((one) => one.metrics);
  const hasMetrics = chosen.length > 0 || expects;
  const hint = !tried ? t("needAgent") : !hasMetrics ? t("needMetric") : !hasCases ? t("needCases") : null;

  // What was stored before a later step failed is not stored again by the next attempt.
  const stored = useRef(new Map<string, Promise<unknown>>());
  const once = <T,>(of: unknown, store: () => Promise<T>): Promise<T> => {
    const key = JSON.stringify(of);
    const made = (stored.current.get(key) as Promise<T> | undefined) ?? store();
    stored.current.set(key, made);
    made.catch(() => stored.current.delete(key));
    return made;
  };
  const run = useMutation({
    mutationFn: async (spec: Tried["spec"]): Promise<Schemas["Campaign"]> => {
      const agent = await once(spec, () => storeAgent(spec));
      void client.invalidateQueries({ queryKey: ["agents"] });
      const name = t("datasetName", { name: agent.name });
      const dataset = cases.from === "dataset" && cases.dataset ? cases.dataset.id : await once([name, typed], () => storeCases(name, typed));
      return await unwrap(api.POST("/api/v1/campaigns", {
        body: {
          name: t("campaign", { name: agent.name }), agent_id: agent.id, dataset_id: dataset, metrics: chosen,
          ...(judge && { judge_model_id: judge }),
        } as never,
      }));
    },
    onSuccess: (campaign) => {
      toast(t("startedText"));
      void client.invalidateQueries({ queryKey: ["campaigns"] });
      void client.invalidateQueries({ queryKey: ["datasets"] });
      void navigate({ to: `/campaigns/${campaign.id}` });
    },
  });
  return (
    <div className="grid gap-4">
      <AgentStep onTried={setTried} />
      <MetricsStep choice={metrics} onChange={setMetrics} models={models.data ?? []} judge={judge} onJudge={setJudge} done={hasMetrics} />
      <CasesStep choice={cases} onChange={setCases} count={typed.length} done={hasCases} />
      <div className="sticky bottom-0 flex flex-wrap items-center gap-3 border-t border-line bg-canvas py-3">
        <Button variant="primary" disabled={hint !== null} busy={run.isPending} onClick={() => { if (tried) run.mutate(tried.spec); }}>
          <Rocket aria-hidden />{run.isPending ? t("running") : t("run")}
        </Button>
        <p role="status" className="text-sm text-muted">{hint ?? (tried && !tried.result.ok ? <span className="text-warn">{t("notAnswering")}</span> : null)}</p>
        {run.error != null && <p role="alert" className="w-full rounded-md bg-bad-soft px-3 py-2 text-sm text-bad">{messageOf(run.error, t("failed"))}</p>}
        {run.data && <Link to={`/campaigns/${run.data.id}`} className="text-sm font-medium text-accent hover:underline">{run.data.name}</Link>}
      </div>
    </div>
  );
}
