import type { Schemas } from "@/api/client";
import { PickOne } from "@/features/review/pick";
import { useText } from "@/i18n";
import { Button } from "@/ui/button";
import { Textarea } from "@/ui/input";
import { welcomeTexts } from "./i18n";
import { Step } from "./Step";

/** Where the cases come from. */
export interface CasesChoice {
  from: "typed" | "dataset";
  text: string;
  dataset: Schemas["Dataset"] | null;
}

/** A few typed lines, or a dataset that is there. */
export function CasesStep({ choice, onChange, count, done }: { choice: CasesChoice; onChange(choice: CasesChoice): void; count: number; done: boolean }) {
  const t = useText(welcomeTexts);
  const set = (changes: Partial<CasesChoice>) => onChange({ ...choice, ...changes });
  return (
    <Step n={3} title={t("cases")} text={choice.from === "typed" ? t("casesText") : undefined} done={done}>
      <div role="radiogroup" aria-label={t("cases")} className="flex gap-4 text-sm">
        {(["typed", "dataset"] as const).map((one) => (
          <label key={one} className="flex items-center gap-2"><input type="radio" name="cases" className="size-4 accent-accent" checked={choice.from === one} onChange={() => set({ from: one })} />{t(one)}</label>
        ))}
      </div>
      {choice.from === "typed" ? (
        <>
          <Textarea rows={5} aria-label={t("casesText")} placeholder={t("casesPlaceholder")} value={choice.text} onChange={(event) => set({ text: event.target.value })} />
          <div className="flex items-center gap-3 text-sm text-muted">
            {count > 0 ? <span>{t("count", { n: count })}</span> : <Button size="sm" onClick={() => set({ text: t("casesPlaceholder") })}>{t("example")}</Button>}
          </div>
        </>
      ) : (
        <PickOne<Schemas["Dataset"]> path="/api/v1/datasets" value={choice.dataset} placeholder={t("chooseDataset")} hint={(one) => t("datasetItems", { n: one.item_count })} onChange={(dataset) => set({ dataset })} />
      )}
    </Step>
  );
}
