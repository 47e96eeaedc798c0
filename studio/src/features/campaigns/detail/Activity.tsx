import { Link } from "@tanstack/react-router";
import { useUrlState } from "@/lib/url-state";
import { useText } from "@/i18n";
import { number } from "@/lib/format";
import { Checkbox } from "@/ui/input";
import { Empty, ErrorState, Loading } from "@/ui/states";
import { EventList } from "@/features/console/EventList";
import { detailTexts } from "./i18n";
import { MOST_EVENTS, type useCampaignEvents } from "./useCampaignEvents";

/** What happens in all runs of a campaign, as it happens. */
export function Activity({ events: { events, skipped, error, state } }: { events: ReturnType<typeof useCampaignEvents> }) {
  const t = useText(detailTexts);
  const [{ follow }, set] = useUrlState({ follow: "1" });
  if (error) return <ErrorState error={error} />;
  if (events.length === 0) return state === "ended" ? <div className="card"><Empty title={t("noEvents")}>{t("activityHint")}</Empty></div> : <Loading />;
  return (
    <div className="grid gap-2">
      <div className="flex flex-wrap items-center gap-4 text-sm">
        <label className="flex items-center gap-2"><Checkbox checked={follow === "1"} onChange={(event) => set({ follow: event.target.checked ? "1" : "0" })} />{t("follow")}</label>
        <span className="text-xs text-muted">{skipped ? t("newestOnly", { n: number(MOST_EVENTS) }) : t("activityHint")}</span>
      </div>
      <EventList events={events} follow={follow === "1"} run={(id) => <Link to={`/runs/${id}`} className="font-mono text-2xs text-muted hover:text-accent hover:underline">{id.slice(-8)}</Link>} />
    </div>
  );
}
