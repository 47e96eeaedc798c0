import { Link } from "@tanstack/react-router";
import { usePages } from "@/api/pages";
import type { Schemas } from "@/api/client";
import { useText } from "@/i18n";
import { ago, exactTime, percent } from "@/lib/format";
import { Badge, type Tone } from "@/ui/badge";
import { Empty, ErrorState, Loading } from "@/ui/states";
import { homeTexts } from "./i18n";
import { leads } from "./leads";

type Campaign = Schemas["Campaign"];

const TONES: Record<Campaign["status"], Tone> = { queued: "neutral", running: "info", paused: "warn", completed: "good", cancelled: "neutral" };
const SHOWN = 8;
const isOpen = ({ status }: Campaign) => status === "running" || status === "queued";

/** The newest campaigns, with how far they are. */
export function Campaigns() {
  const t = useText(homeTexts);
  const list = usePages<Campaign>({ key: ["campaigns", "newest"], path: "/api/v1/campaigns", limit: SHOWN, refetchInterval: 5000 });
  const rows = list.rows.slice(0, SHOWN);
  return (
    <section aria-labelledby="campaigns" className="grid gap-2">
      <h2 id="campaigns" className="font-semibold">{t("campaigns")}</h2>
      {list.error && rows.length === 0 ? <ErrorState error={list.error} onRetry={() => void list.refetch()} />
        : list.isPending ? <Loading rows={3} />
        : rows.length === 0 ? <div className="card"><Empty>{t("noCampaigns")}</Empty></div>
        : <ul className="card divide-y divide-line">{rows.map((campaign) => <Row key={campaign.id} campaign={campaign} />)}</ul>}
    </section>
  );
}

function Row({ campaign }: { campaign: Campaign }) {
  const t = useText(homeTexts);
  const { summary, status } = campaign;
  const done = summary.passed + summary.failed + summary.error + summary.cancelled;
  return (
    <li className="grid grid-cols-[minmax(0,1fr)_auto] items-center gap-x-6 gap-y-1 px-4 py-2.5 sm:grid-cols-[minmax(0,1fr)_10rem_9rem_7rem]">
      <span className="min-w-0">
        {leads("/campaigns/$id") ? <Link to={`/campaigns/${campaign.id}`} className="block truncate font-medium hover:text-accent hover:underline">{campaign.name}</Link> : <span className="block truncate font-medium">{campaign.name}</span>}
        <span className="text-xs text-muted" title={exactTime(campaign.created_at)}>{ago(campaign.created_at)}</span>
      </span>
      <span className="hidden text-xs text-muted tabular-nums sm:block">
        {t("progress", { done, total: summary.total })}
        {isOpen(campaign) && <progress max={summary.total} value={done} aria-label={t("progress", { done, total: summary.total })} className="mt-1 block h-1 w-full overflow-hidden rounded-full [&::-webkit-progress-bar]:bg-sunken [&::-webkit-progress-value]:bg-accent" />}
        {summary.waiting_for_person > 0 && <span className="block text-warn">{t("waiting", { n: summary.waiting_for_person })}</span>}
      </span>
      <span className="hidden text-sm tabular-nums sm:block">{campaign.pass_rate === null ? "" : t("passRate", { rate: percent(campaign.pass_rate) })}</span>
      <span className="justify-self-end"><Badge dot tone={TONES[status]}>{t(status)}</Badge></span>
    </li>
  );
}
