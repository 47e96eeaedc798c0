import { useMutation } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { CalendarClock, Plus, Trash2 } from "lucide-react";
import { api, unwrap } from "@/api/client";
import { useMay } from "@/api/me";
import { usePages } from "@/api/pages";
import { useText } from "@/i18n";
import { ago, exactTime, NOTHING } from "@/lib/format";
import { Button, ButtonLink } from "@/ui/button";
import { Confirm } from "@/ui/dialog";
import { Checkbox } from "@/ui/input";
import { Section } from "@/ui/section";
import { Empty, ErrorState, Loading, messageOf } from "@/ui/states";
import { toast, toastError } from "@/ui/toast";
import { inWords } from "./cron";
import { type Schedule, useStartActions } from "./data";
import { startsTexts } from "./i18n";

/** Campaigns that start by the clock. */
export function Schedules() {
  const t = useText(startsTexts);
  const mayRun = useMay("campaigns_run");
  const list = usePages<Schedule>({ key: ["schedules"], path: "/api/v1/schedules", refetchInterval: 30_000 });
  return (
    <Section className="grid-cols-1" title={t("schedules")} actions={mayRun && <ButtonLink size="sm" to="/campaigns/schedules/new"><Plus aria-hidden />{t("newSchedule")}</ButtonLink>}>
      {list.error && list.rows.length === 0 ? <ErrorState error={list.error} onRetry={() => void list.refetch()} />
        : list.isPending ? <Loading rows={2} />
        : list.rows.length === 0 ? <Empty icon={CalendarClock}>{t("schedulesEmpty")}</Empty>
        : <ul className="-my-2 divide-y divide-line">{list.rows.map((one) => <Row key={one.id} schedule={one} mayRun={mayRun} />)}</ul>}
    </Section>
  );
}

function Row({ schedule, mayRun }: { schedule: Schedule; mayRun: boolean }) {
  const t = useText(startsTexts);
  const navigate = useNavigate();
  const { enable, remove } = useStartActions("schedules");
  const [asking, setAsking] = useState(false);
  const run = useMutation({
    mutationFn: () => unwrap(api.POST("/api/v1/schedules/{id}/run", { params: { path: { id: schedule.id } } })),
    onSuccess: (campaign) => { toast(t("started")); void navigate({ to: `/campaigns/${campaign.id}` }); },
    onError: (error) => toastError(messageOf(error, t("failed"))),
  });
  return (
    <li className="grid grid-cols-1 gap-1 py-2.5 text-sm">
      <div className="flex items-center gap-3">
        <Checkbox aria-label={t("turnOn", { name: schedule.name })} checked={schedule.enabled} disabled={!mayRun || enable.isPending} onChange={(event) => enable.mutate({ id: schedule.id, enabled: event.target.checked })} />
        <Link to={`/campaigns/schedules/${schedule.id}`} className="min-w-0 flex-1 truncate font-medium hover:text-accent hover:underline">{schedule.name}</Link>
        <code className="rounded-sm bg-sunken px-1.5 font-mono text-xs" title={inWords(schedule.cron, schedule.time_zone) ?? undefined}>{schedule.cron}</code>
        {mayRun && <Button size="sm" busy={run.isPending} onClick={() => run.mutate()}>{t("runNow")}</Button>}
        {mayRun && <Button variant="ghost" size="icon-sm" aria-label={`${t("delete")}: ${schedule.name}`} onClick={() => setAsking(true)}><Trash2 aria-hidden /></Button>}
      </div>
      <p className="flex flex-wrap gap-x-4 pl-7 text-xs text-muted">
        <span>{t("next")}: {schedule.enabled ? <time title={exactTime(schedule.next_at)}>{ago(schedule.next_at)}</time> : t("off")}</span>
        <span>{t("last")}: {schedule.last_at ? <time title={exactTime(schedule.last_at)}>{ago(schedule.last_at)}</time> : NOTHING} {schedule.last_campaign_id && <Link to={`/campaigns/${schedule.last_campaign_id}`} className="text-accent hover:underline">{t("lastCampaign")}</Link>}</span>
        {schedule.last_error && <span className="text-bad">{schedule.last_error}</span>}
      </p>
      <Confirm danger open={asking} onClose={() => setAsking(false)} title={t("deleteTitle", { name: schedule.name })} description={t("deleteText")} confirm={t("delete")} busy={remove.isPending} onConfirm={() => remove.mutate(schedule.id, { onSettled: () => setAsking(false) })} />
    </li>
  );
}
