import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { CirclePlay, Route, SquareTerminal } from "lucide-react";
import { api, unwrap } from "@/api/client";
import { useMay } from "@/api/me";
import { EventList } from "@/features/console/EventList";
import { useCampaign, useItemName, useNames } from "@/features/campaigns/data";
import { commonTexts } from "@/features/campaigns/i18n";
import { StatusBadge } from "@/features/campaigns/status";
import { useText } from "@/i18n";
import { cost, duration, number } from "@/lib/format";
import { useUrlState } from "@/lib/url-state";
import { Button, ButtonLink } from "@/ui/button";
import { LoadedPage } from "@/ui/loaded-page";
import { Page } from "@/ui/page";
import { Facts } from "@/ui/section";
import { ErrorState, Loading, messageOf } from "@/ui/states";
import { Tabs } from "@/ui/tabs";
import { toast, toastError } from "@/ui/toast";
import { Conversation } from "./Conversation";
import { type Run, useRun, useRunEvents } from "./data";
import { Details } from "./Details";
import { Forks } from "./Forks";
import { History } from "./History";
import { runTexts } from "./i18n";
import { Waits } from "./Waits";

const TABS = ["conversation", "events", "history", "forks", "details"] as const;

/** One run: what was said and how it was scored, what happened, and the ways that it did not take. */
export default function RunPage() {
  const { id } = useParams({ strict: false }) as { id: string };
  const t = useText(runTexts);
  const common = useText(commonTexts);
  const run = useRun(id);
  return <LoadedPage query={run} title={t("run")} back={{ to: "/campaigns", label: common("campaigns") }}>{(data) => <Detail key={data.run_id} run={data} />}</LoadedPage>;
}

function Detail({ run }: { run: Run }) {
  const t = useText(runTexts);
  const common = useText(commonTexts);
  const client = useQueryClient();
  const mayRun = useMay("campaigns_run");
  const mayTrace = useMay("traces_read");
  const [{ tab }, set] = useUrlState({ tab: "conversation" });
  const part = TABS.find((one) => one === tab) ?? "conversation";
  const campaign = useCampaign(run.campaign_id);
  const agentName = useNames("agents", [run.agent_id]);
  const personaName = useNames("personas", [run.persona_id]);
  const itemName = useItemName(campaign.data, [run]);
  const events = useRunEvents(run.run_id);
  const resume = useMutation({
    mutationFn: () => unwrap(api.POST("/api/v1/runs/{id}/resume", { params: { path: { id: run.run_id } } })),
    onSuccess: () => {
      toast(t("resumed"));
      void client.invalidateQueries({ queryKey: ["runs"] });
    },
    onError: (error) => toastError(messageOf(error, common("failedAct"))),
  });
  const parts: Record<(typeof TABS)[number], () => ReactNode> = {
    conversation: () => <Conversation run={run} events={events.events} streaming={events.streaming} />,
    events: () => (events.error ? <ErrorState error={events.error} /> : events.events.length === 0 ? <Loading /> : <EventList events={events.events} follow />),
    history: () => <History run={run} />,
    forks: () => <Forks run={run} />,
    details: () => <Details run={run} />,
  };
  return (
    <Page
      title={itemName(run.item_key)}
      back={{ to: `/campaigns/${run.campaign_id}`, label: campaign.data?.name ?? common("campaign") }}
      actions={<>
        {mayRun && run.status === "paused" && <Button variant="primary" busy={resume.isPending} onClick={() => resume.mutate()}><CirclePlay aria-hidden />{t("resume")}</Button>}
        <ButtonLink to="/console" search={{ run: run.run_id } as never}><SquareTerminal aria-hidden />{t("console")}</ButtonLink>
        {mayTrace && <ButtonLink to={`/traces/${run.trace_id}`}><Route aria-hidden />{t("trace")}</ButtonLink>}
      </>}
      description={(
        <span className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <StatusBadge status={run.status} />
          {run.agent_id && <Link to={`/agents/${run.agent_id}`} className="hover:text-accent hover:underline">{agentName(run.agent_id)} {run.agent_version ? common("version", { n: run.agent_version }) : ""}</Link>}
          {run.persona_id && <span>{personaName(run.persona_id)}</span>}
          {run.repetition > 0 && <span>{t("repetition", { n: run.repetition + 1 })}</span>}
          {run.forked_from && (
            <span>
              <Link to={`/runs/${run.forked_from}`} className="text-accent hover:underline">{t("forkedFrom")}</Link>{" · "}
              <Link to={`/runs/${run.forked_from}`} search={{ tab: "forks", with: run.run_id } as never} className="text-accent hover:underline">{t("compareWithOriginal")}</Link>
            </span>
          )}
          {run.carried_from && <Link to={`/runs/${run.carried_from}`} className="text-accent hover:underline">{t("carriedFrom")}</Link>}
        </span>
      )}
    >
      <div className="grid grid-cols-1 gap-4">
        <Facts
          className="card px-4 py-2.5"
          facts={[
            [common("turns"), number(run.turns)], [common("latency"), duration(run.latency_ms)], [common("cost"), cost(run.cost_usd)],
            [t("tokens"), run.usage ? t("tokensInOut", { in: number(run.usage.input), out: number(run.usage.output) }) : null],
            [t("stopReason"), run.stop_reason && (run.stop_reason in runTexts.en ? t(run.stop_reason as "max_turns") : run.stop_reason)], [t("steps"), number(run.steps)],
          ]}
        />
        {run.error && (
          <section role="alert" className="rounded-md bg-warn-soft px-4 py-3 text-sm text-warn">
            <h2 className="font-semibold">{t("error")}: {common(run.error.kind)}</h2>
            <p className="wrap-anywhere">{run.error.message}</p>
          </section>
        )}
        {run.waits && run.waits.length > 0 && <Waits run={run} questions={run.waits} mayAnswer={mayRun} />}
        <Tabs
          label={itemName(run.item_key)} value={part}
          onChange={(next) => set({ tab: next, checkpoint: "", against: "", view: "", with: "" } as never, { push: true })}
          tabs={TABS.map((value) => ({ value, label: t(value) }))}
        >
          {parts[part]()}
        </Tabs>
      </div>
    </Page>
  );
}
