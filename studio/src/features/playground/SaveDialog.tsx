import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type Dispatch, useId, useState } from "react";
import { request } from "@/api/client";
import { ApiError } from "@/api/error";
import type { Model } from "@/features/models/kind";
import { asText, type Prompt, promptKind, type PromptSpec } from "@/features/prompts/kind";
import { useText } from "@/i18n";
import { useSave } from "@/resource/data";
import { specOf } from "@/resource/kind";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { Field, FieldErrors } from "@/ui/field";
import { Checkbox, Input, Select, Textarea } from "@/ui/input";
import { messageOf } from "@/ui/states";
import { toast } from "@/ui/toast";
import { playgroundTexts } from "./i18n";
import { configOf, mayBeText, promptOf } from "./saved";
import type { Action } from "./state";
import type { Panel } from "./types";

/** Keeps a conversation as a prompt: a new one, or the next version of the one that it began as. */
export function SaveDialog({ panel, model, dispatch, onClose }: { panel: Panel; model: Model | null; dispatch: Dispatch<Action>; onClose(): void }) {
  const t = useText(playgroundTexts);
  const client = useQueryClient();
  const form = useId();
  const { source } = panel;
  const [where, setWhere] = useState<"version" | "new">(source ? "version" : "new");
  const [name, setName] = useState("");
  const [commit, setCommit] = useState("");
  const [as, setAs] = useState<"text" | "chat">(mayBeText(panel) ? "text" : "chat");
  const config = configOf(panel, model);
  const [withConfig, setWithConfig] = useState(config !== null);
  const { prompt, left } = promptOf(panel, as);
  const save = useSave<Prompt, PromptSpec>(promptKind);
  const done = useMutation({
    mutationFn: async () => {
      const own = { prompt, ...(withConfig && config ? { config: config as PromptSpec["config"] } : {}), ...(commit ? { commit_message: commit } : {}) };
      if (where === "new" || !source) return (await save.mutateAsync({ spec: { name, ...own } })).data;
      // Name, description and tags stay as they are now; only who is faster than this very moment is in the way.
      const { data, etag } = await request<Prompt>("GET", `/api/v1/prompts/${encodeURIComponent(source.id)}`);
      return (await save.mutateAsync({ id: source.id, etag, spec: { ...specOf<Prompt, PromptSpec>(promptKind, data), ...own } })).data;
    },
    onSuccess: async (saved) => {
      dispatch({ do: "source", panel: panel.id, source: { id: saved.id, name: saved.name, version: saved.version } });
      toast(t("savedPrompt", { name: saved.name, n: saved.version }));
      onClose();
      await client.invalidateQueries({ queryKey: ["prompts"] });
    },
  });
  const fields = done.error instanceof ApiError ? done.error.fields : new Map<string, string>();
  const rest = [...fields].filter(([pointer]) => !/^\/(name|commit_message|prompt)(\/|$)/.test(pointer));
  return (
    <Dialog
      open onClose={onClose} title={t("savePrompt")} description={t("saveText")}
      actions={<>
        <Button onClick={onClose}>{t("cancel")}</Button>
        <Button type="submit" form={form} variant="primary" busy={done.isPending}>{t("save")}</Button>
      </>}
    >
      <FieldErrors value={fields}>
        <form id={form} noValidate className="grid gap-3" onSubmit={(event) => { event.preventDefault(); if (!done.isPending) done.mutate(); }}>
          {source && (
            <fieldset className="grid gap-1.5 text-sm">
              <legend className="sr-only">{t("savePrompt")}</legend>
              <label className="flex items-center gap-2"><input type="radio" name="where" className="size-4 accent-accent" checked={where === "version"} onChange={() => setWhere("version")} />{t("asVersion", { name: source.name })}</label>
              <label className="flex items-center gap-2"><input type="radio" name="where" className="size-4 accent-accent" checked={where === "new"} onChange={() => setWhere("new")} />{t("asNew")}</label>
            </fieldset>
          )}
          {where === "new" && <Field label={t("name")} pointer="/name" required><Input autoFocus value={name} onChange={(event) => setName(event.target.value)} /></Field>}
          {mayBeText(panel) && (
            <Field label={t("kind")}>
              <Select value={as} onChange={(event) => setAs(event.target.value as "text" | "chat")}><option value="text">{t("kindText")}</option><option value="chat">{t("kindChat")}</option></Select>
            </Field>
          )}
          <Field label={t("commit")} pointer="/commit_message" hint={t("commitHint")}><Input value={commit} onChange={(event) => setCommit(event.target.value)} /></Field>
          <Field label={t("preview")} pointer="/prompt"><Textarea readOnly rows={4} className="max-h-56 font-mono text-xs" value={asText(prompt)} /></Field>
          {config && <label className="flex items-center gap-2 text-sm"><Checkbox checked={withConfig} onChange={(event) => setWithConfig(event.target.checked)} />{t("withSettings")}</label>}
          {left.pictures > 0 && <p className="text-sm text-warn">{t("leftPictures", { n: left.pictures })}</p>}
          {left.calls > 0 && <p className="text-sm text-warn">{t("leftCalls", { n: left.calls })}</p>}
          {done.error && (fields.size === 0 || rest.length > 0) && (
            <p role="alert" className="text-sm text-bad">
              {done.error instanceof ApiError && done.error.status === 412 ? t("somebodyFaster") : [messageOf(done.error, t("failed")), ...rest.map(([pointer, text]) => `${pointer}: ${text}`)].join(" ")}
            </p>
          )}
          {where === "version" && source && <p className="text-xs text-muted">{t("versionText")} <Link to={`/prompts/${source.id}`} search={{ tab: "versions" } as never} className="text-accent underline">{t("openPrompt")}</Link></p>}
        </form>
      </FieldErrors>
    </Dialog>
  );
}
