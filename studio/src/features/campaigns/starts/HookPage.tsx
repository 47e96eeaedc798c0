import { useNavigate, useParams } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { Trash2 } from "lucide-react";
import type { Answer } from "@/api/client";
import { useMay } from "@/api/me";
import { useText } from "@/i18n";
import { ShownOnce } from "@/features/settings/ShownOnce";
import { DraftButtons, DraftForm } from "@/resource/draft";
import { textAt } from "@/resource/fields";
import { Button } from "@/ui/button";
import { CopyButton } from "@/ui/copy";
import { Confirm } from "@/ui/dialog";
import { Field } from "@/ui/field";
import { Checkbox, Input, Select } from "@/ui/input";
import { LoadedPage } from "@/ui/loaded-page";
import { Page } from "@/ui/page";
import { Section } from "@/ui/section";
import { NoPermission } from "@/ui/states";
import { toast } from "@/ui/toast";
import { NEW } from "../wizard/spec";
import { CampaignFields } from "./CampaignFields";
import { campaignOf, type Hook, useStart, useStartActions, useStartDraft } from "./data";
import { Deliveries } from "./Deliveries";
import { FilterFields, type HookValue, SecretFields, secretOf, StatusFields } from "./HookFields";
import { startsTexts } from "./i18n";
import { StartedCampaigns } from "./StartedCampaigns";

const STARTS = { tab: "starts" };
const useBack = () => ({ to: "/campaigns", search: STARTS, label: useText(startsTexts)("all") });

/** A hook, new or stored: who sends, what starts a campaign, which one, and what came. */
export default function HookPage() {
  const { id } = useParams({ strict: false }) as { id?: string };
  return id === undefined ? <NewHook /> : <Stored id={id} />;
}

function NewHook() {
  const t = useText(startsTexts);
  const back = useBack();
  const mayRun = useMay("campaigns_run");
  return mayRun ? <Editor stored={null} /> : <Page title={t("newHook")} back={back}><NoPermission /></Page>;
}

function Stored({ id }: { id: string }) {
  const t = useText(startsTexts);
  const query = useStart("hooks", id);
  const back = useBack();
  return <LoadedPage query={query} title={t("hook")} back={back}>{(stored) => <Editor key={stored.data.id} stored={stored} />}</LoadedPage>;
}

function Editor({ stored }: { stored: Answer<Hook> | null }) {
  const t = useText(startsTexts);
  const navigate = useNavigate();
  const back = useBack();
  const mayRun = useMay("campaigns_run");
  const { remove } = useStartActions("hooks");
  const [asking, setAsking] = useState(false);
  const [shown, setShown] = useState<{ hook: Hook; secret: string } | null>(null);
  const hook = stored?.data ?? null;
  const initial = useMemo<HookValue>(() => (hook
    ? { name: hook.name, provider: hook.provider, enabled: hook.enabled, filter: hook.filter, status: hook.status ?? null, campaign: campaignOf(hook) }
    : { name: "", provider: "github", enabled: true, filter: { drafts: false }, status: null, secrets: [secretOf()], campaign: NEW }), [hook]);
  const draft = useStartDraft<"hooks", HookValue>("hooks", initial, stored, (saved, sent) => {
    const secret = sent.secrets?.[0];
    if (secret) setShown({ hook: saved, secret });
    else toast(t("saved", { name: saved.name }));
  });
  const close = () => {
    if (shown && !hook) void navigate({ to: `/campaigns/hooks/${shown.hook.id}`, replace: true });
    setShown(null);
  };
  return (
    <Page
      title={hook?.name ?? t("newHook")} back={back} wide={false}
      actions={hook && mayRun && <Button variant="danger" onClick={() => setAsking(true)}><Trash2 aria-hidden />{t("delete")}</Button>}
    >
      <div className="grid gap-5">
        {hook && <Section title={t("deliveries")}><Deliveries id={hook.id} /></Section>}
        {hook && <StartedCampaigns by={hook.id} />}
        <DraftForm
          draft={draft} disabled={!mayRun}
          buttons={mayRun && (hook ? <DraftButtons draft={draft} sticky /> : <div><Button type="submit" variant="primary" busy={draft.saving}>{t("create")}</Button></div>)}
        >
          <Section title={t("provider")}>
            <div className="grid gap-4 sm:grid-cols-2">
              <Field label={t("name")} pointer="/name" required><Input autoFocus={!hook} {...textAt(draft, "/name")} /></Field>
              <Field label={t("provider")} pointer="/provider" required>
                <Select value={draft.value.provider} onChange={(event) => draft.set("/provider", event.target.value)}>
                  {(["github", "gitlab", "generic"] as const).map((one) => <option key={one} value={one}>{t(one)}</option>)}
                </Select>
              </Field>
            </div>
            {hook && <Field label={t("url")}><Address url={hook.url} /></Field>}
            <SecretFields draft={draft} stored={hook?.secret_count ?? 0} />
            <label className="flex items-center gap-2 text-sm"><Checkbox checked={draft.value.enabled} onChange={(event) => draft.set("/enabled", event.target.checked)} />{t("enabledHook")}</label>
          </Section>
          <FilterFields draft={draft} />
          {(draft.value.provider !== "generic" || draft.value.status) && <StatusFields draft={draft} hasToken={hook?.has_token ?? false} />}
          <CampaignFields draft={draft} />
        </DraftForm>
      </div>
      {shown && <ShownOnce title={t("hookMade")} values={[[t("url"), shown.hook.url], [t("secret"), shown.secret]]} note={<p className="text-sm text-muted">{t(`enter_${shown.hook.provider}`)}</p>} onClose={close} />}
      {hook && (
        <Confirm
          danger open={asking} onClose={() => setAsking(false)} title={t("deleteTitle", { name: hook.name })} description={t("deleteText")} confirm={t("delete")} busy={remove.isPending}
          onConfirm={() => remove.mutate(hook.id, { onSuccess: () => void navigate({ to: "/campaigns", search: STARTS as never }), onSettled: () => setAsking(false) })}
        />
      )}
    </Page>
  );
}

const Address = ({ url, ...control }: { url: string; id?: string }) => (
  <span className="flex items-center gap-1"><Input {...control} readOnly className="font-mono text-xs" value={url} /><CopyButton text={url} /></span>
);
