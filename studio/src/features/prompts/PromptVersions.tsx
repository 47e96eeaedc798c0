import { useState } from "react";
import { SquarePlay, Plus, X } from "lucide-react";
import type { Schemas } from "@/api/client";
import { useMay } from "@/api/me";
import { useText } from "@/i18n";
import { cx } from "@/lib/cx";
import { ago, exactTime } from "@/lib/format";
import { useUrlState } from "@/lib/url-state";
import { useSave, useVersion, useVersions } from "@/resource/data";
import { Badge } from "@/ui/badge";
import { Button, ButtonLink } from "@/ui/button";
import { DiffView } from "@/ui/diff-view";
import { ErrorState, Loading, messageOf } from "@/ui/states";
import { toast, toastError } from "@/ui/toast";
import { promptTexts } from "./i18n";
import { asText, labelsOf, type Prompt, promptKind, type PromptSpec } from "./kind";
import { LabelDialog } from "./LabelDialog";
import { useLabels } from "./useLabels";

type Version = Schemas["ResourceVersion"];

/** The versions of a prompt with their labels, and what changed in each. */
export function PromptVersions({ prompt, etag, mayWrite }: { prompt: Prompt; etag: string | null; mayWrite: boolean }) {
  const t = useText(promptTexts);
  const [url, setUrl] = useUrlState({ version: "", against: "" });
  const [labelling, setLabelling] = useState(false);
  const mayRun = useMay("evaluations_run");
  const versions = useVersions(promptKind, prompt.id);
  const shown = Number(url.version) || prompt.version;
  const against = Number(url.against) || (shown > 1 ? shown - 1 : null);
  const after = useVersion(promptKind, prompt.id, shown);
  const before = useVersion(promptKind, prompt.id, against);
  const save = useSave<Prompt, unknown>(promptKind);
  const labels = useLabels(prompt);
  const error = versions.error ?? after.error ?? before.error;
  if (error) return <ErrorState error={error} onRetry={() => { void versions.refetch(); void after.refetch(); void before.refetch(); }} />;
  if (versions.isPending || !after.data) return <Loading />;
  const takeBack = () => save.mutate({ id: prompt.id, etag, spec: after.data.spec }, {
    onSuccess: ({ data }) => {
      toast(t("restored", { from: shown, to: data.version }));
      setUrl({ version: "", against: "" });
    },
    onError: (cause) => toastError(messageOf(cause, t("failed"))),
  });
  const own = labelsOf(prompt.labels, shown);
  return (
    <div className="grid gap-4 lg:grid-cols-[18rem_minmax(0,1fr)]">
      <ol aria-label={t("versions")} className="card max-h-[34rem] self-start overflow-y-auto p-1">
        {versions.rows.map((one) => (
          <li key={one.version}>
            <button
              type="button"
              aria-pressed={one.version === shown}
              onClick={() => setUrl({ version: String(one.version), against: "" }, { push: true })}
              className={cx("grid w-full gap-0.5 rounded-md px-3 py-2 text-left hover:bg-sunken", one.version === shown && "bg-accent-soft")}
            >
              <span className="flex flex-wrap items-center gap-1.5 font-medium">
                {t("version")} {one.version}
                {one.version === prompt.version && <Badge tone="accent">{t("latest")}</Badge>}
                {labelsOf(prompt.labels, one.version).map((label) => <Badge key={label} tone={label === "production" ? "good" : "info"}>{label}</Badge>)}
              </span>
              {messageIn(one) && <span className="truncate text-xs">{messageIn(one)}</span>}
              <span className="text-xs text-muted" title={exactTime(one.created_at)}>{ago(one.created_at)}</span>
            </button>
          </li>
        ))}
        {versions.hasNextPage && <li><Button variant="ghost" size="sm" className="w-full" onClick={() => void versions.fetchNextPage()}>{t("more")}</Button></li>}
      </ol>
      <div className="grid min-w-0 content-start gap-3">
        <div className="flex flex-wrap items-center gap-3">
          <h2 className="font-semibold">{against ? t("changes", { from: against, to: shown }) : t("first")}</h2>
          {against && (
            <label className="flex items-center gap-2 text-sm text-muted">
              {t("compare")}
              <select className="control h-7 px-2" value={against} onChange={(event) => setUrl({ against: event.target.value })}>
                {versions.rows.filter((one) => one.version !== shown).map((one) => <option key={one.version} value={one.version}>{one.version}</option>)}
              </select>
            </label>
          )}
          <span className="ml-auto flex flex-wrap gap-2">
            {mayRun && <ButtonLink size="sm" to="/playground" search={{ prompt: prompt.id, version: String(shown) } as never}><SquarePlay aria-hidden />{t("versionInPlayground", { n: shown })}</ButtonLink>}
            {mayWrite && shown !== prompt.version && <Button size="sm" busy={save.isPending} onClick={takeBack}>{t("makeLatest")}</Button>}
          </span>
        </div>
        <div className="flex flex-wrap items-center gap-2">
          <span className="label">{t("labels")}</span>
          {own.map((label) => (
            <Badge key={label} tone={label === "production" ? "good" : "info"} className="h-6">
              {label}
              {mayWrite && <button type="button" aria-label={t("removeLabel", { label })} onClick={() => labels.remove(label)} className="-mr-1 grid size-6 place-items-center rounded-sm hover:bg-sunken"><X aria-hidden className="size-3" /></button>}
            </Badge>
          ))}
          {mayWrite && <Button size="sm" variant="ghost" onClick={() => setLabelling(true)}><Plus aria-hidden />{t("addLabel")}</Button>}
        </div>
        {(!against || before.data) && <Changes before={against ? before.data : undefined} after={after.data} />}
      </div>
      {labelling && <LabelDialog prompt={prompt} version={shown} onClose={() => setLabelling(false)} />}
    </div>
  );
}

const specOfVersion = (version: Version | undefined) => version?.spec as unknown as PromptSpec | undefined;
const messageIn = (version: Version) => specOfVersion(version)?.commit_message ?? "";

/** Contents as a person reads them; all else as JSON, where it is not the same. */
function Changes({ before, after }: { before: Version | undefined; after: Version }) {
  const t = useText(promptTexts);
  const [old, recent] = [asText(specOfVersion(before)?.prompt), asText(specOfVersion(after)?.prompt)];
  const [oldRest, rest] = [restOf(before), restOf(after)];
  return (
    <div className="grid gap-3">
      {old === recent ? <p className="text-sm text-muted">{t("contentsSame")}</p> : <DiffView label={t("contents")} before={old} after={recent} />}
      {before && oldRest !== rest && <>
        <p className="label">{t("rest")}</p>
        <DiffView label={t("rest")} before={oldRest} after={rest} />
      </>}
    </div>
  );
}

function restOf(version: Version | undefined): string {
  const { prompt: _, commit_message: __, ...rest } = version?.spec ?? {};
  return JSON.stringify(rest, null, 2);
}
