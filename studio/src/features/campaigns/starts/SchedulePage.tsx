import { useMutation } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { Play, Trash2 } from "lucide-react";
import { type Answer, api, unwrap } from "@/api/client";
import { useMay } from "@/api/me";
import { useText } from "@/i18n";
import { ago, exactTime } from "@/lib/format";
import { DraftButtons, DraftForm } from "@/resource/draft";
import { textAt } from "@/resource/fields";
import { Button } from "@/ui/button";
import { Confirm } from "@/ui/dialog";
import { Field } from "@/ui/field";
import { Checkbox, Input } from "@/ui/input";
import { LoadedPage } from "@/ui/loaded-page";
import { Page } from "@/ui/page";
import { Section } from "@/ui/section";
import { messageOf, NoPermission } from "@/ui/states";
import { toast, toastError } from "@/ui/toast";
import { NEW, type Spec } from "../wizard/spec";
import { CampaignFields } from "./CampaignFields";
import { HERE } from "./cron";
import { CronField } from "./CronField";
import { campaignOf, type Schedule, useStart, useStartActions, useStartDraft } from "./data";
import { startsTexts } from "./i18n";
import { StartedCampaigns } from "./StartedCampaigns";

interface Value {
  name: string;
  cron: string;
  time_zone: string;
  enabled: boolean;
  campaign: Spec;
}

const STARTS = { tab: "starts" };

/** A schedule, new or stored: when, and what campaign. */
export default function SchedulePage() {
  const t = useText(startsTexts);
  const { id } = useParams({ strict: false }) as { id?: string };
  return id === undefined ? <NewSchedule /> : <Stored id={id} title={t("schedule")} />;
}

const useBack = () => ({ to: "/campaigns", search: STARTS, label: useText(startsTexts)("all") });

function NewSchedule() {
  const t = useText(startsTexts);
  const back = useBack();
  const mayRun = useMay("campaigns_run");
  return mayRun ? <Editor stored={null} /> : <Page title={t("newSchedule")} back={back}><NoPermission /></Page>;
}

function Stored({ id, title }: { id: string; title: string }) {
  const query = useStart("schedules", id);
  const back = useBack();
  return <LoadedPage query={query} title={title} back={back}>{(stored) => <Editor key={stored.data.id} stored={stored} />}</LoadedPage>;
}

function Editor({ stored }: { stored: Answer<Schedule> | null }) {
  const t = useText(startsTexts);
  const navigate = useNavigate();
  const back = useBack();
  const mayRun = useMay("campaigns_run");
  const { remove, refresh } = useStartActions("schedules");
  const [asking, setAsking] = useState(false);
  const schedule = stored?.data ?? null;
  const initial = useMemo<Value>(() => (schedule
    ? { name: schedule.name, cron: schedule.cron, time_zone: schedule.time_zone, enabled: schedule.enabled, campaign: campaignOf(schedule) }
    : { name: "", cron: "0 3 * * *", time_zone: HERE, enabled: true, campaign: NEW }), [schedule]);
  const draft = useStartDraft<"schedules", Value>("schedules", initial, stored, (saved) => {
    toast(t(schedule ? "saved" : "made", { name: saved.name }));
    if (!schedule) void navigate({ to: `/campaigns/schedules/${saved.id}`, replace: true });
  });
  const run = useMutation({
    mutationFn: (id: string) => unwrap(api.POST("/api/v1/schedules/{id}/run", { params: { path: { id } } })),
    onSuccess: (campaign) => { toast(t("started")); void refresh(); void navigate({ to: `/campaigns/${campaign.id}` }); },
    onError: (error) => toastError(messageOf(error, t("failed"))),
  });
  return (
    <Page
      title={schedule?.name ?? t("newSchedule")} back={back} wide={false}
      actions={schedule && mayRun && <>
        <Button busy={run.isPending} disabled={draft.changed} onClick={() => run.mutate(schedule.id)}><Play aria-hidden />{t("runNow")}</Button>
        <Button variant="danger" onClick={() => setAsking(true)}><Trash2 aria-hidden />{t("delete")}</Button>
      </>}
    >
      <div className="grid gap-5">
        {schedule && <Past schedule={schedule} />}
        {schedule && <StartedCampaigns by={schedule.id} />}
        <DraftForm
          draft={draft} disabled={!mayRun}
          buttons={mayRun && (schedule ? <DraftButtons draft={draft} sticky /> : <div><Button type="submit" variant="primary" busy={draft.saving}>{t("create")}</Button></div>)}
        >
          <Section title={t("schedule")}>
            <Field label={t("name")} pointer="/name" required><Input autoFocus={!schedule} {...textAt(draft, "/name")} /></Field>
            <CronField value={draft.value.cron} zone={draft.value.time_zone} onChange={(cron) => draft.set("/cron", cron)} onZone={(zone) => draft.set("/time_zone", zone)} />
            <label className="flex items-center gap-2 text-sm"><Checkbox checked={draft.value.enabled} onChange={(event) => draft.set("/enabled", event.target.checked)} />{t("enabledSchedule")}</label>
          </Section>
          <CampaignFields draft={draft} />
        </DraftForm>
      </div>
      {schedule && (
        <Confirm
          danger open={asking} onClose={() => setAsking(false)} title={t("deleteTitle", { name: schedule.name })} description={t("deleteText")} confirm={t("delete")} busy={remove.isPending}
          onConfirm={() => remove.mutate(schedule.id, { onSuccess: () => void navigate({ to: "/campaigns", search: STARTS as never }), onSettled: () => setAsking(false) })}
        />
      )}
    </Page>
  );
}

/** When it was due, and what came of it. */
function Past({ schedule }: { schedule: Schedule }) {
  const t = useText(startsTexts);
  return (
    <Section title={t("last")}>
      {schedule.last_at ? (
        <p className="flex flex-wrap gap-x-3 text-sm">
          <time dateTime={schedule.last_at} title={exactTime(schedule.last_at)}>{ago(schedule.last_at)}</time>
          {schedule.last_campaign_id && <Link to={`/campaigns/${schedule.last_campaign_id}`} className="text-accent hover:underline">{t("lastCampaign")}</Link>}
        </p>
      ) : <p className="text-sm text-muted">{t("never")}</p>}
      {schedule.last_error && <p role="alert" className="text-sm text-bad">{schedule.last_error}</p>}
    </Section>
  );
}
