import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { api, request, type Schemas, unwrap } from "@/api/client";
import type { Page } from "@/api/pages";
import { useText } from "@/i18n";
import { cost, number } from "@/lib/format";
import { Section } from "@/ui/section";
import { agentsOf, type Campaign, type Outcome } from "../data";
import { costOf } from "../stats";
import { wizardTexts } from "./i18n";
import { estimateOf, type Kind, type Spec } from "./spec";

/** What a run of these agents cost lately, in the one of their newest campaigns that knows most. */
async function costOfRun(agents: readonly string[]): Promise<{ mean: number; known: number; name: string } | null> {
  const { data: campaigns } = (await request<Page<Campaign>>("GET", "/api/v1/campaigns", { query: { limit: 50 } })).data;
  const same = campaigns.filter((one) => agentsOf(one.spec).some((agent) => agents.includes(agent.id))).slice(0, 3);
  let best: { mean: number; known: number; name: string } | null = null;
  for (const campaign of same) {
    const { data: runs } = (await request<Page<Outcome>>("GET", `/api/v1/campaigns/${encodeURIComponent(campaign.id)}/runs`, { query: { limit: 200 } })).data;
    const known = runs.filter((run) => run.cost_usd != null);
    const spent = costOf(known);
    if (known.length > (best?.known ?? 0)) best = { mean: ((spent.agents ?? 0) + (spent.judges ?? 0)) / known.length, known: known.length, name: campaign.name };
  }
  return best;
}

/** What the campaign will take, as far as it can be known before it starts. */
export function EstimateCard({ spec, kinds }: { spec: Spec; kinds: readonly Kind[] }) {
  const t = useText(wizardTexts);
  const dataset = useQuery({
    queryKey: ["datasets", "size", spec.dataset_id],
    queryFn: async () => (await unwrap(api.GET("/api/v1/datasets/{id}", { params: { path: { id: spec.dataset_id ?? "" } } })) as Schemas["Dataset"]).item_count,
    enabled: Boolean(spec.dataset_id),
  });
  const agents = [...new Set(spec.agents?.map((one) => one.id) ?? [])].sort();
  const price = useQuery({ queryKey: ["campaigns", "price", agents], queryFn: () => costOfRun(agents), enabled: agents.length > 0, staleTime: 60_000 });
  const found = estimateOf(spec, kinds, dataset.data ?? null);
  const rows: [string, ReactNode, string?][] = found ? [
    [t("runsTotal"), number(found.runs), t("runsWords", { agents: t("agentWords", { n: found.agents }), cases: t("caseWords", { n: found.cases }), repetitions: t("repetitionWords", { n: found.repetitions }) })],
    [t("agentCalls"), found.calls.low === found.calls.high ? t("atLeast", { n: found.calls.low }) : t("upTo", { low: number(found.calls.low), high: number(found.calls.high) })],
    [t("judgements"), number(found.judgements), found.judgements > 0 ? t("judgementNote") : t("ownMetrics")],
    [t("costAbout"), cost(price.data ? price.data.mean * found.runs : null), price.data ? t("costBasis", { n: price.data.known, name: price.data.name }) : t("costUnknown")],
  ] : [];
  return (
    <Section title={t("estimate")}>
      {!found ? <p className="text-sm text-muted">{(spec.agents?.length ?? 0) === 0 ? t("text_agents") : t("text_cases")}</p> : (
        <dl className="grid gap-3" aria-live="polite">
          {rows.map(([name, value, note]) => (
            <div key={name} className="grid grid-cols-[minmax(0,1fr)_auto] items-baseline gap-x-3">
              <dt className="text-sm text-muted">{name}</dt>
              <dd className="font-semibold tabular-nums">{value}</dd>
              {note && <dd className="col-span-2 text-xs text-muted">{note}</dd>}
            </div>
          ))}
        </dl>
      )}
    </Section>
  );
}
