import { useState } from "react";
import { useText } from "@/i18n";
import { numberAt } from "@/resource/fields";
import { Combobox } from "@/ui/combobox";
import { Field } from "@/ui/field";
import { Checkbox, Input, SearchInput } from "@/ui/input";
import { Section } from "@/ui/section";
import { type Choice, useChoices, useNames } from "../data";
import { useForm } from "./form";
import { wizardTexts } from "./i18n";

type Way = "dataset" | "scenarios";

/** What agents meet: a dataset, or scenarios by personas. */
export function CasesStep() {
  const t = useText(wizardTexts);
  const form = useForm();
  const [way, setWay] = useState<Way>(form.value.scenario_ids?.length ? "scenarios" : "dataset");
  const choose = (next: Way) => {
    setWay(next);
    // Only one of the two may be there.
    if (next === "dataset") {
      form.set("/scenario_ids", undefined);
      form.set("/persona_ids", undefined);
    } else form.set("/dataset_id", undefined);
  };
  return (
    <>
      <div role="radiogroup" aria-label={t("step_cases")} className="flex gap-4 text-sm font-medium">
        {(["dataset", "scenarios"] as const).map((one) => (
          <label key={one} className="flex items-center gap-2"><input type="radio" name="way" className="size-4 accent-accent" checked={way === one} onChange={() => choose(one)} />{t(one === "dataset" ? "useDataset" : "useScenarios")}</label>
        ))}
      </div>
      {way === "dataset" ? <DatasetField /> : (
        <>
          <Section title={t("scenarios")}><Many kind="scenarios" pointer="/scenario_ids" search={t("searchScenarios")} none={t("noScenarios")} /></Section>
          <Section title={t("personas")}><p className="-mt-2 text-sm text-muted">{t("personasHint")}</p><Many kind="personas" pointer="/persona_ids" search={t("searchPersonas")} none={t("noPersonas")} /></Section>
          <Field label={t("maxTurns")} pointer="/max_turns" className="max-w-48"><Input min={1} {...numberAt(form, "/max_turns")} /></Field>
        </>
      )}
    </>
  );
}

function DatasetField() {
  const t = useText(wizardTexts);
  const form = useForm();
  const [q, setQ] = useState("");
  const choices = useChoices<Choice & { item_count: number }>("datasets", q);
  const name = useNames("datasets", [form.value.dataset_id]);
  const chosen = form.value.dataset_id ?? null;
  const options = choices.rows.map((one) => ({ value: one.id, label: one.name, hint: t("items", { n: one.item_count }) }));
  if (chosen && !options.some((one) => one.value === chosen)) options.unshift({ value: chosen, label: name(chosen), hint: "" });
  return (
    <Section title={t("dataset")}>
      <Field label={t("dataset")} pointer="/dataset_id" required>
        <Combobox value={chosen} onChange={(id) => form.set("/dataset_id", id)} onSearch={setQ} placeholder={t("chooseDataset")} options={options} />
      </Field>
    </Section>
  );
}

/** Several of a kind, chosen by boxes; the server finds. */
function Many({ kind, pointer, search, none }: { kind: "scenarios" | "personas"; pointer: string; search: string; none: string }) {
  const t = useText(wizardTexts);
  const form = useForm();
  const [q, setQ] = useState("");
  const chosen = (form.get(pointer) as string[] | undefined) ?? [];
  const choices = useChoices<Choice & { situation?: string }>(kind, q);
  return (
    <div className="grid gap-2">
      <div className="flex items-center gap-3">
        <SearchInput label={search} className="w-72" value={q} onChange={(event) => setQ(event.target.value)} />
        <span role="status" className="text-sm text-muted">{t("chosenCount", { n: chosen.length })}</span>
      </div>
      <Field label={<span className="sr-only">{search}</span>} pointer={pointer}>
        <ul className="max-h-72 overflow-y-auto rounded-md border border-line">
          {choices.rows.length === 0 && !choices.isPending && <li className="px-3 py-4 text-sm text-muted">{none}</li>}
          {choices.rows.map((one) => (
            <li key={one.id}>
              <label className="flex items-start gap-2.5 px-3 py-1.5 text-sm hover:bg-sunken">
                <Checkbox className="mt-0.5" checked={chosen.includes(one.id)} onChange={(event) => form.set(pointer, event.target.checked ? [...chosen, one.id] : chosen.filter((id) => id !== one.id))} />
                <span className="min-w-0"><span className="block truncate font-medium">{one.name}</span><span className="block truncate text-xs text-muted">{one.situation ?? one.description}</span></span>
              </label>
            </li>
          ))}
        </ul>
      </Field>
    </div>
  );
}
