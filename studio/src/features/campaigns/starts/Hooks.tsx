import { useMutation } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { Plus, Trash2, Webhook } from "lucide-react";
import { api, type Schemas, unwrap } from "@/api/client";
import { ApiError } from "@/api/error";
import { useMay } from "@/api/me";
import { usePages } from "@/api/pages";
import { useText } from "@/i18n";
import { ago, exactTime } from "@/lib/format";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { CopyButton } from "@/ui/copy";
import { Confirm, Dialog } from "@/ui/dialog";
import { Field, FieldErrors } from "@/ui/field";
import { Checkbox, Input, Select } from "@/ui/input";
import { Section } from "@/ui/section";
import { Empty, ErrorState, Loading, messageOf } from "@/ui/states";
import { toast } from "@/ui/toast";
import { CampaignPicker } from "../CampaignPicker";
import { useStartActions, useTemplate } from "./data";
import { startsTexts } from "./i18n";

type Hook = Schemas["Hook"];

/** Campaigns that other programs start. */
export function Hooks() {
  const t = useText(startsTexts);
  const mayRun = useMay("campaigns_run");
  const list = usePages<Hook>({ key: ["hooks"], path: "/api/v1/hooks" });
  const [making, setMaking] = useState(false);
  return (
    <Section title={t("hooks")} actions={mayRun && <Button size="sm" onClick={() => setMaking(true)}><Plus aria-hidden />{t("newHook")}</Button>}>
      {list.error && list.rows.length === 0 ? <ErrorState error={list.error} onRetry={() => void list.refetch()} />
        : list.isPending ? <Loading rows={2} />
        : list.rows.length === 0 ? <Empty icon={Webhook}>{t("hooksEmpty")}</Empty>
        : <ul className="-my-2 divide-y divide-line">{list.rows.map((one) => <Row key={one.id} hook={one} mayRun={mayRun} />)}</ul>}
      {making && <NewHook onClose={() => setMaking(false)} />}
    </Section>
  );
}

function Row({ hook, mayRun }: { hook: Hook; mayRun: boolean }) {
  const t = useText(startsTexts);
  const { enable, remove } = useStartActions("hooks");
  const [asking, setAsking] = useState(false);
  const [open, setOpen] = useState(false);
  return (
    <li className="grid gap-1 py-2.5 text-sm">
      <div className="flex items-center gap-3">
        <Checkbox aria-label={t("turnOn", { name: hook.name })} checked={hook.enabled} disabled={!mayRun || enable.isPending} onChange={(event) => enable.mutate({ id: hook.id, enabled: event.target.checked })} />
        <span className="min-w-0 flex-1 truncate font-medium">{hook.name}</span>
        <Badge>{t(hook.provider)}</Badge>
        <Button size="sm" variant="ghost" aria-expanded={open} onClick={() => setOpen(!open)}>{t("deliveries")}</Button>
        {mayRun && <Button variant="ghost" size="icon-sm" aria-label={`${t("delete")}: ${hook.name}`} onClick={() => setAsking(true)}><Trash2 aria-hidden /></Button>}
      </div>
      <p className="flex items-center gap-1 pl-7 font-mono text-xs text-muted"><span className="truncate">{hook.url}</span><CopyButton text={hook.url} /></p>
      {open && <Deliveries id={hook.id} />}
      <Confirm danger open={asking} onClose={() => setAsking(false)} title={t("deleteTitle", { name: hook.name })} description={t("deleteText")} confirm={t("delete")} busy={remove.isPending} onConfirm={() => remove.mutate(hook.id, { onSettled: () => setAsking(false) })} />
    </li>
  );
}

const OUTCOMES = { received: ["received", "neutral"], started: ["startedOutcome", "good"], ignored: ["ignored", "neutral"], ping: ["ping", "info"], failed: ["failedOutcome", "bad"] } as const;

function Deliveries({ id }: { id: string }) {
  const t = useText(startsTexts);
  const list = usePages<Schemas["HookDelivery"]>({ key: ["hooks", "deliveries", id], path: `/api/v1/hooks/${encodeURIComponent(id)}/deliveries`, refetchInterval: 10_000 });
  if (list.error) return <ErrorState error={list.error} />;
  if (list.isPending) return <Loading rows={2} />;
  if (list.rows.length === 0) return <p className="pl-7 text-muted">{t("noDeliveries")}</p>;
  return (
    <ul className="ml-7 max-h-60 divide-y divide-line overflow-y-auto rounded-md border border-line">
      {list.rows.map((one) => (
        <li key={one.id} className="flex flex-wrap items-center gap-2 px-3 py-1.5 text-xs">
          <Badge tone={OUTCOMES[one.outcome][1]}>{t(OUTCOMES[one.outcome][0])}</Badge>
          <span>{one.event ? t(one.event.kind) : ""} {one.event?.branch ?? one.event?.tag ?? ""}</span>
          <span className="min-w-0 flex-1 truncate text-muted" title={one.reason ?? undefined}>{one.reason ?? one.event?.title}</span>
          {one.campaign_id && <Link to={`/campaigns/${one.campaign_id}`} className="text-accent hover:underline">{t("lastCampaign")}</Link>}
          <time className="text-muted" title={exactTime(one.received_at)}>{ago(one.received_at)}</time>
        </li>
      ))}
    </ul>
  );
}

const secretOf = () => [...crypto.getRandomValues(new Uint8Array(24))].map((byte) => byte.toString(16).padStart(2, "0")).join("");

function NewHook({ onClose }: { onClose(): void }) {
  const t = useText(startsTexts);
  const { refresh } = useStartActions("hooks");
  const [value, setValue] = useState({ name: "", provider: "github" as Hook["provider"], secret: "", branches: "", template: "" });
  const template = useTemplate(value.template);
  const save = useMutation({
    mutationFn: () => unwrap(api.POST("/api/v1/hooks", {
      body: {
        name: value.name, provider: value.provider, enabled: true, secrets: value.secret === "" ? [] : [value.secret], campaign: template.data ?? ({} as never),
        filter: { drafts: false, branches: value.branches.split(",").map((one) => one.trim()).filter(Boolean) },
      },
    })),
    onSuccess: () => { onClose(); toast(t("hookMade")); void refresh(); },
  });
  const errors = save.error instanceof ApiError ? save.error.fields : new Map<string, string>();
  return (
    <Dialog open onClose={onClose} title={t("newHook")} actions={<Button variant="primary" busy={save.isPending} disabled={!template.data} onClick={() => save.mutate()}>{t("create")}</Button>}>
      <FieldErrors value={errors}>
        <div className="grid gap-4">
          <Field label={t("name")} pointer="/name" required><Input autoFocus value={value.name} onChange={(event) => setValue({ ...value, name: event.target.value })} /></Field>
          <Field label={t("provider")} pointer="/provider" required>
            <Select value={value.provider} onChange={(event) => setValue({ ...value, provider: event.target.value as Hook["provider"] })}>
              {(["github", "gitlab", "generic"] as const).map((one) => <option key={one} value={one}>{t(one)}</option>)}
            </Select>
          </Field>
          <Field label={t("secret")} pointer="/secrets" required hint={t("secretHint")}><Input className="font-mono text-xs" autoComplete="off" spellCheck={false} value={value.secret} onChange={(event) => setValue({ ...value, secret: event.target.value })} /></Field>
          <div className="-mt-2 flex items-center gap-1"><Button size="sm" onClick={() => setValue({ ...value, secret: secretOf() })}>{t("makeSecret")}</Button>{value.secret && <CopyButton text={value.secret} />}</div>
          {value.provider !== "generic" && <Field label={t("branches")} pointer="/filter/branches" hint={t("branchesHint")}><Input value={value.branches} onChange={(event) => setValue({ ...value, branches: event.target.value })} /></Field>}
          <Field label={t("template")} pointer="/campaign" required hint={t("templateHint")}><CampaignPicker value={value.template} onChange={(next) => setValue({ ...value, template: next })} not="" placeholder={t("chooseTemplate")} /></Field>
          {save.error && errors.size === 0 && <p role="alert" className="text-sm text-bad">{messageOf(save.error, t("failed"))}</p>}
        </div>
      </FieldErrors>
    </Dialog>
  );
}
