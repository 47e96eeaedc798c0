import { Link, useParams } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useText } from "@/i18n";
import { ago, exactTime } from "@/lib/format";
import { useUrlState } from "@/lib/url-state";
import { LoadedPage } from "@/ui/loaded-page";
import { Page } from "@/ui/page";
import { Tabs } from "@/ui/tabs";
import { agentsOf, type Campaign, isOpen, useCampaign, useNames } from "../data";
import { commonTexts } from "../i18n";
import { StatusBadge, VerdictBadge } from "../status";
import { Activity } from "./Activity";
import { CampaignActions } from "./CampaignActions";
import { GateTab } from "./GateTab";
import { Head } from "./Head";
import { detailTexts } from "./i18n";
import { Matrix } from "./Matrix";
import { Overview } from "./Overview";
import { Report } from "./Report";
import { RunsTable } from "./RunsTable";
import { Settings } from "./Settings";
import { useCampaignEvents } from "./useCampaignEvents";

const TABS = ["overview", "matrix", "runs", "activity", "gate", "report", "settings"] as const;

/** One campaign: how far it is, what came of it, and what can be done with it. */
export default function CampaignPage() {
  const { id } = useParams({ strict: false }) as { id: string };
  const common = useText(commonTexts);
  const campaign = useCampaign(id);
  return <LoadedPage query={campaign} title={common("campaign")} back={{ to: "/campaigns", label: common("campaigns") }}>{(data) => <Detail key={data.id} campaign={data} />}</LoadedPage>;
}

function Detail({ campaign }: { campaign: Campaign }) {
  const t = useText(detailTexts);
  const common = useText(commonTexts);
  const [{ tab }, set] = useUrlState({ tab: "overview" });
  const part = TABS.find((one) => one === tab) ?? "overview";
  const agents = agentsOf(campaign.spec);
  const agentName = useNames("agents", agents.map((one) => one.id));
  // Watched while something may happen; afterwards only where somebody wants to read what did.
  const events = useCampaignEvents(campaign.id, isOpen(campaign) || part === "activity");
  const parts: Record<(typeof TABS)[number], () => ReactNode> = {
    overview: () => <Overview campaign={campaign} />,
    matrix: () => <Matrix campaign={campaign} />,
    runs: () => <RunsTable campaign={campaign} />,
    activity: () => <Activity events={events} />,
    gate: () => <GateTab campaign={campaign} />,
    report: () => <Report campaign={campaign} />,
    settings: () => <Settings campaign={campaign} />,
  };
  return (
    <Page
      title={campaign.name}
      back={{ to: "/campaigns", label: t("all") }}
      actions={<CampaignActions campaign={campaign} />}
      description={(
        <span className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <StatusBadge status={campaign.status} />
          {campaign.verdict && !isOpen(campaign) && <VerdictBadge verdict={campaign.verdict} />}
          {isOpen(campaign) && <span aria-live="polite" className="text-xs">{events.state === "live" ? t("live") : t("reconnecting")}</span>}
          <span>{agents.map((one) => (one.version ? `${agentName(one.id)} ${common("version", { n: one.version })}` : agentName(one.id))).join(", ")}</span>
          <time dateTime={campaign.created_at} title={exactTime(campaign.created_at)}>{ago(campaign.created_at)}</time>
          {campaign.rerun_of && <span>{t("rerunOf")} <Earlier id={campaign.rerun_of} /></span>}
          {campaign.spec.replay_of && <span>{t("replayOf")} <Earlier id={campaign.spec.replay_of} /></span>}
        </span>
      )}
    >
      <div className="grid grid-cols-1 gap-4">
        <Head campaign={campaign} />
        <Tabs
          label={campaign.name}
          value={part}
          // Filters of one part mean nothing in another.
          onChange={(next) => set({ tab: next, status: "", item: "", agent: "", persona: "", q: "", only: "" } as never, { push: true })}
          tabs={TABS.map((value) => ({ value, label: value === "runs" ? t("runsTab") : t(value) }))}
        >
          {parts[part]()}
        </Tabs>
      </div>
    </Page>
  );
}

/** A link to an earlier campaign, by its name. */
function Earlier({ id }: { id: string }) {
  const campaign = useCampaign(id);
  return <Link to={`/campaigns/${id}`} className="text-accent hover:underline">{campaign.data?.name ?? id.slice(0, 8)}</Link>;
}
