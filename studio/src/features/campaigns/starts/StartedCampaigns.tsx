import { Link } from "@tanstack/react-router";
import { usePages } from "@/api/pages";
import { useText } from "@/i18n";
import { ago, exactTime, percent } from "@/lib/format";
import { Section } from "@/ui/section";
import { ErrorState, Loading } from "@/ui/states";
import { type Campaign, doneOf } from "../data";
import { commonTexts } from "../i18n";
import { StatusBadge } from "../status";
import { startsTexts } from "./i18n";

const SHOWN = 5;

/** The newest campaigns that a hook or a schedule started by itself, and the way to all of them. */
export function StartedCampaigns({ by }: { by: string }) {
  const t = useText(startsTexts);
  const common = useText(commonTexts);
  const list = usePages<Campaign>({ key: ["campaigns", "started"], path: "/api/v1/campaigns", query: { created_by: by }, limit: SHOWN, refetchInterval: 10_000 });
  const rows = list.rows.slice(0, SHOWN);
  return (
    <Section className="grid-cols-1" title={t("startedCampaigns")} actions={rows.length > 0 && <Link to="/campaigns" search={{ by } as never} className="text-sm text-accent hover:underline">{t("allStarted")}</Link>}>
      {list.error && rows.length === 0 ? <ErrorState error={list.error} onRetry={() => void list.refetch()} />
        : list.isPending ? <Loading rows={2} />
        : rows.length === 0 ? <p className="text-sm text-muted">{t("noneStarted")}</p>
        : (
          <ul className="-my-2 divide-y divide-line text-sm">
            {rows.map((one) => (
              <li key={one.id} className="grid grid-cols-[minmax(0,1fr)_auto] items-center gap-x-4 py-2 sm:grid-cols-[minmax(0,1fr)_8rem_7rem_auto]">
                <Link to={`/campaigns/${one.id}`} className="truncate font-medium hover:text-accent hover:underline">{one.name}</Link>
                <time dateTime={one.created_at} title={exactTime(one.created_at)} className="hidden text-xs text-muted sm:block">{ago(one.created_at)}</time>
                <span className="hidden text-xs text-muted tabular-nums sm:block">{one.pass_rate === null ? common("progress", { done: doneOf(one.summary), total: one.summary.total }) : percent(one.pass_rate)}</span>
                <StatusBadge status={one.verdict ?? one.status} />
              </li>
            ))}
          </ul>
        )}
    </Section>
  );
}
