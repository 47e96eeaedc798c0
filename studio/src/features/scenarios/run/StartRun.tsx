import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Play } from "lucide-react";
import { ApiError } from "@/api/error";
import { api, type Schemas, unwrap } from "@/api/client";
import { useMay } from "@/api/me";
import { useText } from "@/i18n";
import { agentKind } from "@/features/agents/kind";
import { ago, exactTime } from "@/lib/format";
import { useResources } from "@/resource/data";
import type { ResourceItem, ResourceKind } from "@/resource/kind";
import { Badge, type Tone } from "@/ui/badge";
import { Button, ButtonLink } from "@/ui/button";
import { Combobox } from "@/ui/combobox";
import { Field, FieldErrors } from "@/ui/field";
import { Section } from "@/ui/section";
import { Empty, Loaded, messageOf } from "@/ui/states";
import { runTexts } from "../i18n-run";
import { scenarioTexts } from "../i18n";
import type { Scenario } from "../kind";
import type { SaveState } from "../ScenarioEditor";
import { needsJudge, needsPersonaModel } from "./needs";

const modelKind = { kind: "models", path: "/models" } as ResourceKind<ResourceItem>;

/** The name of campaigns that are started here, by which they are found again. */
export const campaignName = (scenario: string) => `Scenario builder: ${scenario}`.slice(0, 200);

/** Starts a campaign of this scenario alone, and shows those that were. */
export function StartRun({ item, save, onStarted }: { item: Scenario; save: SaveState; onStarted(campaign: string): void }) {
  const t = useText(runTexts);
  const words = useText(scenarioTexts);
  const client = useQueryClient();
  const mayRun = useMay("campaigns_run");
  const agents = useResources(agentKind, { sort: "-updated_at" });
  const models = useResources(modelKind, { sort: "name" });
  const [picked, pick] = useState<string | null>(null);
  const [persona, setPersona] = useState<string | null>(null);
  const [judge, setJudge] = useState<string | null>(null);
  const agent = picked ?? agents.rows[0]?.id ?? null;
  const start = useMutation({
    mutationFn: (name: string) => unwrap(api.POST("/api/v1/campaigns", {
      body: {
        name: campaignName(name), agent_id: agent, scenario_ids: [item.id],
        ...(persona ? { persona_model_id: persona } : {}), ...(judge ? { judge_model_id: judge } : {}),
      } as Schemas["CampaignSpecInput"],
    })),
    onSuccess: (campaign) => {
      void client.invalidateQueries({ queryKey: ["campaigns"] });
      onStarted(campaign.id);
    },
  });
  if (agents.isSuccess && agents.rows.length === 0) {
    return <Empty action={<ButtonLink variant="primary" to="/agents/new">{t("newAgent")}</ButtonLink>}>{t("noAgents")}</Empty>;
  }
  const run = () => (save.changed ? save.save((saved) => start.mutate(saved.name)) : start.mutate(item.name));
  const fields = start.error instanceof ApiError ? start.error.fields : new Map<string, string>();
  const options = models.rows.map((model) => ({ value: model.id, label: model.name }));
  return (
    <div className="grid items-start gap-4 lg:grid-cols-2">
      <Section title={t("runTitle")}>
        <p className="text-sm text-muted">{t("runText")}</p>
        {!mayRun ? <p className="text-sm text-warn">{t("cannotRun")}</p> : (
          <FieldErrors value={fields}>
            <Field label={t("agent")} pointer="/agent_id" required>
              <Combobox value={agent} placeholder={t("chooseAgent")} options={agents.rows.map((one) => ({ value: one.id, label: one.name, hint: one.url }))} onChange={pick} />
            </Field>
            {needsPersonaModel(save.spec) && <Field label={t("personaModel")} pointer="/persona_model_id" required><Combobox value={persona} options={options} onChange={setPersona} /></Field>}
            {needsJudge(save.spec) && <Field label={t("judgeModel")} pointer="/judge_model_id"><Combobox value={judge} options={options} onChange={setJudge} /></Field>}
            {start.error && <p role="alert" className="rounded-md bg-bad-soft px-3 py-2 text-sm text-bad">{fields.size === 0 ? messageOf(start.error, words("failed")) : [...fields].map(([at, text]) => (at.startsWith("/scenario_ids") ? t("scenarioIs", { text }) : `${at.slice(1)} ${text}`)).join("; ")}</p>}
            <div><Button variant="primary" busy={start.isPending || save.saving} disabled={!agent} onClick={run}><Play aria-hidden />{save.changed ? t("saveRun") : t("runIt")}</Button></div>
          </FieldErrors>
        )}
      </Section>
      <Recent name={item.name} onOpen={onStarted} />
    </div>
  );
}

const CAMPAIGN_TONES: Partial<Record<string, Tone>> = { passed: "good", failed: "bad", running: "accent", paused: "info" };

function Recent({ name, onOpen }: { name: string; onOpen(campaign: string): void }) {
  const t = useText(runTexts);
  const recent = useQuery({
    queryKey: ["campaigns", "of-scenario", name],
    queryFn: ({ signal }) => unwrap(api.GET("/api/v1/campaigns", { params: { query: { name: campaignName(name), limit: 20 } }, signal })),
  });
  return (
    <Section title={t("recent")}>
      <Loaded query={recent}>
        {({ data }) => (data.length === 0 ? <p className="text-sm text-muted">{t("noRecent")}</p> : (
          <ul className="grid gap-px">
            {data.map((campaign) => {
              const shown = campaign.verdict ?? campaign.status;
              return (
                <li key={campaign.id}>
                  <button type="button" onClick={() => onOpen(campaign.id)} className="flex w-full items-center gap-3 rounded-md px-2 py-1.5 text-left text-sm hover:bg-sunken">
                    <Badge dot tone={CAMPAIGN_TONES[shown] ?? "neutral"}>{t(`status_${shown}`)}</Badge>
                    <time className="text-muted" dateTime={campaign.created_at} title={exactTime(campaign.created_at)}>{ago(campaign.created_at)}</time>
                    {campaign.summary.waiting_for_person > 0 && <Badge tone="warn">{t("status_waiting_for_person")}</Badge>}
                  </button>
                </li>
              );
            })}
          </ul>
        ))}
      </Loaded>
    </Section>
  );
}
