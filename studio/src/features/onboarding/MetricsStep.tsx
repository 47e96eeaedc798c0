import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useMay } from "@/api/me";
import { useText } from "@/i18n";
import { Checkbox, Input, Select } from "@/ui/input";
import type { Choice } from "./cases";
import { welcomeTexts } from "./i18n";
import { Step } from "./Step";

/** What is looked at: without a model by default, by a judge where there is one. */
export function MetricsStep({ choice, onChange, models, judge, onJudge, done }: {
  choice: Choice;
  onChange(choice: Choice): void;
  models: readonly { id: string; name: string }[];
  judge: string;
  onJudge(id: string): void;
  done: boolean;
}) {
  const t = useText(welcomeTexts);
  const mayWrite = useMay("resources_write");
  const set = (changes: Partial<Choice>) => onChange({ ...choice, ...changes });
  const tick = (key: "latency" | "length" | "relevancy" | "toxicity", after?: ReactNode) => (
    <span className="flex flex-wrap items-center gap-2 text-sm">
      <label className="flex items-center gap-2"><Checkbox checked={choice[key]} onChange={(event) => set({ [key]: event.target.checked })} />{t(key)}</label>
      {after}
    </span>
  );
  const amount = (key: "seconds" | "words", unit: string, of: string) => (
    <span className="flex items-center gap-1.5"><Input type="number" min={key === "seconds" ? 0.1 : 1} step="any" className="h-7 w-20 text-right" aria-label={`${of}, ${unit}`} value={String(choice[key])} onChange={(event) => set({ [key]: Number(event.target.value) })} />{unit}</span>
  );
  return (
    <Step n={2} title={t("metrics")} text={t("metricsText")} done={done}>
      {tick("latency", amount("seconds", t("seconds"), t("latency")))}
      {tick("length", amount("words", t("words"), t("length")))}
      {models.length > 0 ? (
        <>
          <label className="flex flex-wrap items-center gap-2 text-sm">
            {t("judge")}
            <Select className="w-60" value={judge} onChange={(event) => onJudge(event.target.value)}>
              <option value="">{t("noneJudge")}</option>
              {models.map((model) => <option key={model.id} value={model.id}>{model.name}</option>)}
            </Select>
          </label>
          {judge && tick("relevancy")}
          {judge && tick("toxicity")}
        </>
      ) : (
        <p className="text-xs text-muted">{t("noJudge")} {mayWrite && <Link to="/models/new" className="font-medium text-accent hover:underline">{t("addModel")}</Link>}</p>
      )}
    </Step>
  );
}
