import { type Dispatch, useMemo, useState } from "react";
import { Braces, Copy, Database, EllipsisVertical, Play, Save, Square, Trash2 } from "lucide-react";
import { useMay } from "@/api/me";
import { type Model, modelKind, PROVIDERS } from "@/features/models/kind";
import { promptKind } from "@/features/prompts/kind";
import { useText } from "@/i18n";
import { Button } from "@/ui/button";
import { Combobox } from "@/ui/combobox";
import { Field, FieldErrors } from "@/ui/field";
import { Menu, MenuItem, MenuLine } from "@/ui/menu";
import { CodeDialog } from "./CodeDialog";
import { DatasetDialog } from "./DatasetDialog";
import { playgroundTexts } from "./i18n";
import { Messages } from "./Messages";
import { PromptChoice } from "./PromptChoice";
import { askedOf, schemaOf } from "./render";
import { ResultView } from "./ResultView";
import { SaveDialog } from "./SaveDialog";
import { SettingsFields } from "./SettingsFields";
import { type Action, isEmpty, letterOf, MOST_PANELS, said } from "./state";
import { isPlace, type Panel, type State } from "./types";
import type { Result } from "./useRuns";

const NONE: ReadonlyMap<string, string> = new Map();

/** One conversation with one model: what is asked, and what it answers. */
export function PanelView({ panel, index, count, state, models, dispatch, result, faults = NONE, onRun, onStop, onRemove }: {
  panel: Panel;
  index: number;
  count: number;
  state: State;
  models: readonly Model[];
  dispatch: Dispatch<Action>;
  result: Result | null;
  /** What keeps it from being run, by field. */
  faults?: ReadonlyMap<string, string> | undefined;
  onRun(): void;
  onStop(): void;
  onRemove(): void;
}) {
  const t = useText(playgroundTexts);
  const mayWrite = useMay(promptKind.write);
  const mayRead = useMay(modelKind.read);
  const [dialog, setDialog] = useState<"save" | "dataset" | "code" | null>(null);
  const letter = letterOf(index);
  const model = models.find((one) => one.id === panel.model) ?? null;
  const running = result?.outcome.state === "running";
  // What was mended since is not complained of any more.
  const errors = useMemo(() => new Map([
    ...(result && result.subject === panel ? result.complaints : NONE),
    ...[...faults].filter(([pointer]) => (pointer === "/model" ? !model : schemaOf(panel.settings.schema) === null)),
  ]), [result, faults, panel, model]);
  const asked = dialog === "code" ? askedOf(panel, state) : null;
  const empty = panel.entries.every((entry) => !isPlace(entry) && isEmpty(entry.content) && !entry.calls);
  const goOn = (text: string) => dispatch({ do: "append", panel: panel.id, entries: [said("assistant", text), said("user")] });
  return (
    <section aria-label={t("panel", { letter })} data-panel={letter} className="card grid min-w-0 grid-cols-1 content-start">
      <header className="flex items-center gap-2 border-b border-line px-3 py-2">
        <span aria-hidden className="grid size-6 shrink-0 place-items-center rounded-md bg-accent-soft text-xs font-semibold text-accent-strong">{letter}</span>
        <h2 className="min-w-0 flex-1 truncate font-semibold" title={model?.name}>{model?.name ?? t("panel", { letter })}</h2>
        <Button variant="ghost" size="icon-sm" aria-label={t("duplicate", { letter })} title={t("duplicate", { letter })} disabled={count >= MOST_PANELS} onClick={() => dispatch({ do: "duplicate", panel: panel.id })}><Copy aria-hidden /></Button>
        <Menu trigger={<Button variant="ghost" size="icon-sm" aria-label={t("more", { letter })}><EllipsisVertical aria-hidden /></Button>}>
          {mayWrite && <MenuItem disabled={empty} onSelect={() => setDialog("save")}><Save aria-hidden />{t("savePrompt")}</MenuItem>}
          {mayWrite && <MenuItem disabled={!result || running} onSelect={() => setDialog("dataset")}><Database aria-hidden />{t("toDataset")}</MenuItem>}
          <MenuItem disabled={!model} onSelect={() => setDialog("code")}><Braces aria-hidden />{t("asCode")}</MenuItem>
          <MenuLine />
          <MenuItem danger disabled={count < 2} onSelect={onRemove}><Trash2 aria-hidden />{t("removePanel")}</MenuItem>
        </Menu>
      </header>
      <FieldErrors value={errors}>
        <div className="grid grid-cols-1 gap-3 p-3">
          <Field label={t("model")} pointer="/model">
            <Combobox
              value={model?.id ?? null} onChange={(id) => dispatch({ do: "model", panel: panel.id, model: id })} placeholder={t("findModel")}
              options={models.map((one) => ({ value: one.id, label: one.name, hint: `${PROVIDERS[one.provider].label} · ${one.model}` }))}
            />
          </Field>
          {panel.model && !model && <p className="-mt-2 text-xs text-warn">{t("modelGone")}</p>}
          <SettingsFields panel={panel} model={model} dispatch={dispatch} />
          {mayRead && <PromptChoice panel={panel} models={models} dispatch={dispatch} />}
          <Messages panel={panel} model={model} dispatch={dispatch} />
        </div>
      </FieldErrors>
      <div className="flex flex-wrap items-center gap-2 border-t border-line px-3 py-2">
        {running
          ? <Button variant="danger" onClick={onStop}><Square aria-hidden />{t("stop")}<span className="sr-only">: {t("panel", { letter })}</span></Button>
          : <Button onClick={onRun}><Play aria-hidden />{result ? t("runAgain") : t("run")}<span className="sr-only">: {t("panel", { letter })}</span></Button>}
      </div>
      {result && <ResultView letter={letter} result={result} placed={(pointer) => isPlaced(pointer)} onRetry={onRun} onAppend={goOn} onDataset={mayWrite ? () => setDialog("dataset") : null} />}
      {dialog === "save" && <SaveDialog panel={panel} model={model} dispatch={dispatch} onClose={() => setDialog(null)} />}
      {dialog === "dataset" && result && <DatasetDialog asked={result.asked} answer={result.outcome.text} onClose={() => setDialog(null)} />}
      {asked && model && <CodeDialog model={model} asked={asked} onClose={() => setDialog(null)} />}
    </section>
  );
}

/** Whether there is a field that a complaint stands at. */
const isPlaced = (pointer: string) => /^\/(entries\/|model$|temperature|max_tokens|seed|response_schema|messages$)/.test(pointer);
