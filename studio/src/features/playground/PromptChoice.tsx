import { useMutation } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type Dispatch, useDeferredValue, useId, useState } from "react";
import { X } from "lucide-react";
import { usePages } from "@/api/pages";
import type { Model } from "@/features/models/kind";
import { LATEST, labelsOf, type Prompt, promptKind } from "@/features/prompts/kind";
import { useText } from "@/i18n";
import { useResource, useVersions } from "@/resource/data";
import { Button } from "@/ui/button";
import { Combobox } from "@/ui/combobox";
import { Select } from "@/ui/input";
import { messageOf } from "@/ui/states";
import { toast, toastError } from "@/ui/toast";
import { promptAt } from "./arrive";
import { playgroundTexts } from "./i18n";
import type { Action } from "./state";
import type { Panel, Source } from "./types";

/** The prompt that fills a panel, by version or label. What was in the panel before comes back by Undo. */
export function PromptChoice({ panel, models, dispatch }: { panel: Panel; models: readonly Model[]; dispatch: Dispatch<Action> }) {
  const t = useText(playgroundTexts);
  const id = useId();
  const [words, setWords] = useState("");
  const prompts = usePages<Prompt>({ key: ["prompts", "choice"], path: "/api/v1/prompts", query: { q: useDeferredValue(words) } });
  const load = useMutation({
    mutationFn: (wanted: { id: string; version: number | null }) => promptAt(wanted.id, { version: wanted.version, label: "" }, models),
    onSuccess: ({ source, entries, settings, model }) => {
      const { entries: before, settings: old, source: from, model: whom } = panel;
      dispatch({ do: "load", panel: panel.id, source, entries, settings, model });
      toast(t("promptLoaded", { name: source.name, n: source.version }), {
        undo: () => {
          dispatch({ do: "load", panel: panel.id, source: from ?? source, entries: before, settings: old, model: whom });
          if (!from) dispatch({ do: "source", panel: panel.id, source: null });
        },
      });
    },
    onError: (error) => toastError(messageOf(error, t("failed"))),
  });
  const { source } = panel;
  const none = !prompts.isPending && prompts.rows.length === 0 && words === "";
  if (none && !source) return null;
  const options = prompts.rows.map((one) => ({ value: one.id, label: one.name, hint: one.description }));
  // The chosen one may lie beyond the first page.
  if (source && !options.some((one) => one.value === source.id)) options.unshift({ value: source.id, label: source.name, hint: "" });
  return (
    <div className="grid gap-1">
      <label htmlFor={id} className="text-sm font-medium">{t("prompt")}</label>
      <div className="flex flex-wrap items-center gap-2">
        <Combobox id={id} className="min-w-40 flex-1" value={source?.id ?? null} onChange={(next) => load.mutate({ id: next, version: null })} onSearch={setWords} placeholder={t("choosePrompt")} options={options} />
        {source && <>
          <VersionChoice source={source} busy={load.isPending} onChange={(version) => load.mutate({ id: source.id, version })} />
          <Button variant="ghost" size="icon" aria-label={t("detach")} title={t("detach")} onClick={() => dispatch({ do: "source", panel: panel.id, source: null })}><X aria-hidden /></Button>
        </>}
      </div>
      {source && <p className="text-xs text-muted"><Link to={`/prompts/${source.id}`} className="text-accent hover:underline">{t("openPrompt")}</Link></p>}
    </div>
  );
}

function VersionChoice({ source, busy, onChange }: { source: Source; busy: boolean; onChange(version: number): void }) {
  const t = useText(playgroundTexts);
  const versions = useVersions(promptKind, source.id);
  const prompt = useResource(promptKind, source.id);
  const labels = prompt.data?.data.labels ?? {};
  const named = Object.entries(labels).filter(([label]) => label !== LATEST).sort(([a], [b]) => a.localeCompare(b));
  const listed = versions.rows.map((one) => one.version);
  const numbers = listed.includes(source.version) ? listed : [source.version, ...listed];
  return (
    <Select aria-label={t("version")} className="w-44" disabled={busy} value={String(source.version)} onChange={(event) => onChange(Number(event.target.value.split(" ")[0]))}>
      <optgroup label={t("versions")}>
        {numbers.map((number) => <option key={number} value={number}>{[t("versionN", { n: number }), ...labelsOf(labels, number)].join(" · ")}</option>)}
      </optgroup>
      {named.length > 0 && <optgroup label={t("labels")}>{named.map(([label, number]) => <option key={label} value={`${number} ${label}`}>{label} · {number}</option>)}</optgroup>}
    </Select>
  );
}
