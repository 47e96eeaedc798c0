import { useMutation } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { CalendarClock, Plus, Trash2 } from "lucide-react";
import { api, type Schemas, unwrap } from "@/api/client";
import { ApiError } from "@/api/error";
import { useMay } from "@/api/me";
import { usePages } from "@/api/pages";
import { useText } from "@/i18n";
import { ago, exactTime, NOTHING } from "@/lib/format";
import { Button } from "@/ui/button";
import { Confirm, Dialog } from "@/ui/dialog";
import { Field, FieldErrors } from "@/ui/field";
import { Checkbox, Input } from "@/ui/input";
import { Section } from "@/ui/section";
import { Empty, ErrorState, Loading, messageOf } from "@/ui/states";
import { toast, toastError } from "@/ui/toast";
import { CampaignPicker } from "../CampaignPicker";
import { useStartActions, useTemplate } from "./data";
import { startsTexts } from "./i18n";

type Schedule = Schemas["Schedule"];

/** Campaigns that start by the clock. */
export function Schedules() {
  const t = useText(startsTexts);
  const mayRun = useMay("campaigns_run");
  const list = usePages<Schedule>({ key: ["schedules"], path: "/api/v1/schedules", refetchInterval: 30_000 });
  const [making, setMaking] = useState(false);
  return (
    <Section title={t("schedules")} actions={mayRun && <Button size="sm" onClick={() => setMaking(true)}><Plus aria-hidden />{t("newSchedule")}</Button>}>
      {list.error && list.rows.length === 0 ? <ErrorState error={list.error} onRetry={() => void list.refetch()} />
        : list.isPending ? <Loading rows={2} />
        : list.rows.length === 0 ? <Empty icon={CalendarClock}>{t("schedulesEmpty")}</Empty>
        : <ul className="-my-2 divide-y divide-line">{list.rows.map((one) => <Row key={one.id} schedule={one} mayRun={mayRun} />)}</ul>}
      {making && <NewSchedule onClose={() => setMaking(false)} />}
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
    <li className="grid gap-1 py-2.5 text-sm">
      <div className="flex items-center gap-3">
        <Checkbox aria-label={t("turnOn", { name: schedule.name })} checked={schedule.enabled} disabled={!mayRun || enable.isPending} onChange={(event) => enable.mutate({ id: schedule.id, enabled: event.target.checked })} />
        <span className="min-w-0 flex-1 truncate font-medium">{schedule.name}</span>
        <code className="rounded-sm bg-sunken px-1.5 font-mono text-xs">{schedule.cron}</code>
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

function NewSchedule({ onClose }: { onClose(): void }) {
  const t = useText(startsTexts);
  const { refresh } = useStartActions("schedules");
  const [value, setValue] = useState({ name: "", cron: "0 3 * * *", template: "" });
  const template = useTemplate(value.template);
  const save = useMutation({
    mutationFn: () => unwrap(api.POST("/api/v1/schedules", { body: { name: value.name, cron: value.cron, enabled: true, campaign: template.data ?? ({} as never) } })),
    onSuccess: () => { onClose(); void refresh(); },
  });
  const errors = save.error instanceof ApiError ? save.error.fields : new Map<string, string>();
  return (
    <Dialog open onClose={onClose} title={t("newSchedule")} actions={<Button variant="primary" busy={save.isPending} disabled={!template.data} onClick={() => save.mutate()}>{t("create")}</Button>}>
      <FieldErrors value={errors}>
        <div className="grid gap-4">
          <Field label={t("name")} pointer="/name" required><Input autoFocus value={value.name} onChange={(event) => setValue({ ...value, name: event.target.value })} /></Field>
          <Field label={t("cron")} pointer="/cron" required hint={t("cronHint")}><Input className="font-mono" value={value.cron} onChange={(event) => setValue({ ...value, cron: event.target.value })} /></Field>
          <Field label={t("template")} pointer="/campaign" required hint={t("templateHint")}><CampaignPicker value={value.template} onChange={(next) => setValue({ ...value, template: next })} not="" placeholder={t("chooseTemplate")} /></Field>
          {save.error && errors.size === 0 && <p role="alert" className="text-sm text-bad">{messageOf(save.error, t("failed"))}</p>}
        </div>
      </FieldErrors>
    </Dialog>
  );
}
