import { Link } from "@tanstack/react-router";
import type { Schemas } from "@/api/client";
import { usePages } from "@/api/pages";
import { useText } from "@/i18n";
import { ago, exactTime } from "@/lib/format";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { ErrorState, Loading } from "@/ui/states";
import { startsTexts } from "./i18n";

type Delivery = Schemas["HookDelivery"];

const OUTCOMES = { received: ["received", "neutral"], started: ["startedOutcome", "good"], ignored: ["ignored", "neutral"], ping: ["ping", "info"], failed: ["failedOutcome", "bad"] } as const;

/** What came to a hook, the newest first, and what became of it. */
export function Deliveries({ id }: { id: string }) {
  const t = useText(startsTexts);
  const list = usePages<Delivery>({ key: ["hooks", "deliveries", id], path: `/api/v1/hooks/${encodeURIComponent(id)}/deliveries`, limit: 20, refetchInterval: 10_000 });
  if (list.error && list.rows.length === 0) return <ErrorState error={list.error} onRetry={() => void list.refetch()} />;
  if (list.isPending) return <Loading rows={2} />;
  if (list.rows.length === 0) return <p className="text-sm text-muted">{t("noDeliveries")}</p>;
  return (
    <>
      <ul aria-label={t("deliveries")} className="divide-y divide-line rounded-md border border-line">
        {list.rows.map((one) => <Row key={one.id} delivery={one} />)}
      </ul>
      {list.hasNextPage && <div><Button size="sm" busy={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>{t("older")}</Button></div>}
    </>
  );
}

function Row({ delivery: { outcome, event, reason, campaign_id, received_at, repeats, status } }: { delivery: Delivery }) {
  const t = useText(startsTexts);
  return (
    <li className="grid gap-0.5 px-3 py-1.5 text-xs">
      <div className="flex flex-wrap items-center gap-2">
        <Badge tone={OUTCOMES[outcome][1]}>{t(OUTCOMES[outcome][0])}</Badge>
        <span>{event ? t(event.kind) : ""} {event?.branch ?? event?.tag ?? ""}</span>
        <span className="min-w-0 flex-1 truncate text-muted" title={reason ?? undefined}>{reason ?? event?.title}</span>
        {repeats > 0 && <span className="text-muted">{t("repeats", { n: repeats })}</span>}
        {campaign_id && <Link to={`/campaigns/${campaign_id}`} className="text-accent hover:underline">{t("lastCampaign")}</Link>}
        <time className="text-muted" dateTime={received_at} title={exactTime(received_at)}>{ago(received_at)}</time>
      </div>
      {status && (
        <p className={status.last_error ? "text-bad" : "text-muted"}>
          {t("commitTold", { told: status.told ?? "–", wanted: status.wanted })}{status.last_error && ` ${status.last_error}`}{status.due_at && ` ${t("nextTry", { when: ago(status.due_at) })}`}
        </p>
      )}
    </li>
  );
}
