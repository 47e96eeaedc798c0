import { type Dispatch, useContext, useEffect, useState } from "react";
import { SlidersHorizontal } from "lucide-react";
import type { Model } from "@/features/models/kind";
import { useText } from "@/i18n";
import { CodeEditor } from "@/ui/code-editor";
import { Field, FieldErrors } from "@/ui/field";
import { Input } from "@/ui/input";
import { playgroundTexts } from "./i18n";
import type { Action } from "./state";
import type { Panel, Settings } from "./types";

/** How the model is asked. What is left empty is the model's own, which stands there in grey. */
export function SettingsFields({ panel, model, dispatch }: { panel: Panel; model: Model | null; dispatch: Dispatch<Action> }) {
  const t = useText(playgroundTexts);
  const errors = useContext(FieldErrors);
  const [open, setOpen] = useState(false);
  const wrong = [...errors.keys()].some((pointer) => /^\/(temperature|max_tokens|seed|response_schema)/.test(pointer));
  // What is wrong is to be seen.
  useEffect(() => { if (wrong) setOpen(true); }, [wrong, errors]);
  const { settings } = panel;
  const put = (name: keyof Settings) => (value: string) => dispatch({ do: "setting", panel: panel.id, name, value });
  const number = (name: "temperature" | "max_tokens" | "seed", step: string, own: number | undefined) => (
    <Input type="number" inputMode="decimal" step={step} value={settings[name]} placeholder={own === undefined ? undefined : String(own)} onChange={(event) => put(name)(event.target.value)} />
  );
  const takes = model?.capabilities;
  const short = [
    settings.temperature && `${t("temperature")} ${settings.temperature}`, settings.max_tokens && t("tokensAtMost", { n: settings.max_tokens }),
    settings.seed && `${t("seed")} ${settings.seed}`, settings.schema.trim() && t("schemaShort"),
  ].filter(Boolean).join(" · ");
  return (
    <details open={open} onToggle={(event) => setOpen(event.currentTarget.open)} className="rounded-md border border-line">
      <summary className="flex min-h-8 items-center gap-2 px-2.5 text-sm marker:content-none">
        <SlidersHorizontal aria-hidden className="size-4 shrink-0 text-muted" />
        <span className="font-medium">{t("settings")}</span>
        <span className="min-w-0 truncate text-xs text-muted">{short || t("modelsOwn")}</span>
      </summary>
      {open && (
        <div className="grid gap-3 border-t border-line p-2.5">
          <div className="grid grid-cols-3 gap-2">
            <Field label={t("temperature")} pointer="/temperature" hint={takes && !takes.temperature ? t("notTaken") : undefined}>{number("temperature", "0.1", model?.temperature)}</Field>
            <Field label={t("maxTokens")} pointer="/max_tokens">{number("max_tokens", "1", model?.max_tokens)}</Field>
            <Field label={t("seed")} pointer="/seed" hint={takes && !takes.seed ? t("notTaken") : undefined}>{number("seed", "1", undefined)}</Field>
          </div>
          <Field label={t("schema")} pointer="/response_schema" hint={takes && !takes.json_schema ? t("notTaken") : t("schemaHint")}>
            <CodeEditor language="json" label={t("schema")} value={settings.schema} onChange={put("schema")} />
          </Field>
        </div>
      )}
    </details>
  );
}
