import { useNavigate } from "@tanstack/react-router";
import { useQueryClient } from "@tanstack/react-query";
import { lazy, type ReactNode, Suspense, useEffect, useMemo, useState } from "react";
import { Download, FileUp, MoreHorizontal, Trash2 } from "lucide-react";
import { useMay } from "@/api/me";
import { useBoth, useText } from "@/i18n";
import { useShortcuts } from "@/lib/keyboard";
import { useUrlState } from "@/lib/url-state";
import { useRemove } from "@/resource/data";
import { textAt } from "@/resource/fields";
import { useResourceForm } from "@/resource/form";
import { specOf } from "@/resource/kind";
import { Button } from "@/ui/button";
import { Field, FieldErrors } from "@/ui/field";
import { Input } from "@/ui/input";
import { Menu, MenuItem, MenuLine } from "@/ui/menu";
import { Page } from "@/ui/page";
import { Loading, messageOf } from "@/ui/states";
import { Tabs } from "@/ui/tabs";
import { toast } from "@/ui/toast";
import type { PanelTab } from "./editor/GraphPane";
import type { Graph } from "./graph/model";
import { scenarioTexts } from "./i18n";
import { ImportDialog } from "./ImportDialog";
import { courseOf, type Scenario, scenarioKind, type ScenarioSpec } from "./kind";
import { PersonaCourse, ScriptForm } from "./ScriptForm";
import { Scoring, SituationForm } from "./SituationForm";
import { NO_ASSUMPTIONS, useCheck } from "./useCheck";

// The canvas is heavy; scripts do without.
const GraphPane = lazy(() => import("./editor/GraphPane").then((file) => ({ default: file.GraphPane })));

const PANELS: readonly PanelTab[] = ["inspector", "json", "dry"];

/** A scenario under edit, new or saved; `children` are further parts of the page, by the name of their tab. */
export function ScenarioEditor({ initial, edited, parts = [] }: {
  initial: ScenarioSpec;
  edited?: { item: Scenario; etag: string | null };
  parts?: readonly { value: string; label: string; content(save: SaveState): ReactNode }[];
}) {
  const t = useText(scenarioTexts);
  const both = useBoth();
  const navigate = useNavigate();
  const client = useQueryClient();
  const mayWrite = useMay(scenarioKind.write);
  const remove = useRemove(scenarioKind);
  const form = useResourceForm<Scenario, ScenarioSpec>(scenarioKind, initial, edited && { id: edited.item.id, etag: edited.etag });
  const [state, setState] = useUrlState({ tab: "build", panel: "inspector", node: "" });
  const [assumptions, assume] = useState(NO_ASSUMPTIONS);
  const [importing, setImporting] = useState(false);
  const [attention, setAttention] = useState(0);
  const [tried, setTried] = useState(false);
  const check = useCheck(form.value, assumptions);
  const course = courseOf(form.value);
  const panel = PANELS.find((one) => one === state.panel) ?? "inspector";
  const tab = ["build", "situation", ...parts.map((part) => part.value)].find((one) => one === state.tab) ?? "build";

  const errors = useMemo(() => {
    const all = new Map([...(check.data?.fields ?? []), ...form.errors]);
    // Nobody has named it yet: that is no fault before it is saved.
    if (!tried && !edited && form.value.name === "") all.delete("/name");
    return all;
  }, [check.data, form.errors, tried, edited, form.value.name]);

  useEffect(() => {
    // What only saving has found out: to the first of it.
    if (form.errors.size > 0) setAttention((n) => n + 1);
  }, [form.errors]);

  const save = (then?: (item: Scenario) => void) => {
    if (form.saving || !mayWrite) return;
    setTried(true);
    form.save((item) => {
      if (then) then(item);
      else if (edited) toast(t("saved", { n: item.version }));
      else {
        toast(t("created", { name: item.name }));
        void navigate({ to: `/scenarios/${item.id}`, search: { panel: state.panel === "inspector" ? undefined : state.panel } as never });
      }
    });
  };
  // Other parts of the page have keys of their own, and nothing to save.
  const saves = () => { if ((tab === "build" || tab === "situation") && (form.changed || !edited)) save(); };
  useShortcuts([
    { keys: "Mod+s", label: { en: "Save", vi: "Lưu" }, whileTyping: true, run: saves },
    { keys: "Mod+Enter", label: { en: "Save", vi: "Lưu" }, whileTyping: true, run: saves },
  ]);
  const title = form.value.name || (edited ? edited.item.name : both(scenarioKind.create));
  const nameField = <Field label={t("name")} pointer="/name" required><Input {...textAt(form, "/name")} /></Field>;
  const general = [...errors].filter(([pointer]) => pointer === "" || (course !== "graph" && pointer === "/graph")).map(([, text]) => text).join("; ");

  const build = () => {
    if (form.value.graph) {
      return (
        <Suspense fallback={<Loading />}>
          <GraphPane
            graph={form.value.graph as Graph}
            onChange={(graph) => form.set("/graph", graph)}
            mayWrite={mayWrite}
            errors={errors}
            check={check.data}
            checked={check.busy ? "busy" : check.isError ? "unknown" : "sound"}
            assumptions={assumptions}
            onAssume={assume}
            panel={panel}
            onPanel={(next) => setState({ panel: next })}
            node={state.node}
            onNode={(node) => { if (node !== state.node) setState({ node }); }}
            whole={nameField}
            attention={attention}
          />
        </Suspense>
      );
    }
    return (
      <fieldset disabled={!mayWrite} className="grid max-w-4xl gap-4">
        {nameField}
        {course === "script" ? <ScriptForm form={form} /> : <PersonaCourse form={form} />}
        <Scoring form={form} />
      </fieldset>
    );
  };
  return (
    <FieldErrors value={errors}>
      <Page
        title={title}
        back={{ to: "/scenarios", label: t("all") }}
        actions={<>
          {mayWrite && form.changed && <Button variant="ghost" onClick={form.reset}>{t("discard")}</Button>}
          {mayWrite && <Button variant="primary" busy={form.saving} disabled={edited !== undefined && !form.changed} onClick={() => save()}>{edited ? t("save") : t("create")}</Button>}
          <Menu trigger={<Button size="icon" aria-label={t("more")}><MoreHorizontal aria-hidden /></Button>}>
            {mayWrite && <MenuItem onSelect={() => setImporting(true)}><FileUp aria-hidden />{t("import")}</MenuItem>}
            <MenuItem onSelect={() => download(form.value)}><Download aria-hidden />{t("export")}</MenuItem>
            {edited && mayWrite && <>
              <MenuLine />
              <MenuItem danger onSelect={() => remove.mutate([edited.item.id], { onSuccess: () => void navigate({ to: "/scenarios" }) })}><Trash2 aria-hidden />{t("delete")}</MenuItem>
            </>}
          </Menu>
        </>}
      >
        {form.error != null && form.errors.size === 0 && (
          <div role="alert" className="mb-3 flex items-center gap-3 rounded-md bg-bad-soft px-3 py-2 text-sm text-bad">
            <p className="flex-1">{form.conflict ? t("conflict") : messageOf(form.error, t("failed"))}</p>
            {form.conflict && <Button size="sm" onClick={() => { form.reset(); void client.invalidateQueries({ queryKey: ["scenarios", "one"] }); }}>{t("reload")}</Button>}
          </div>
        )}
        {general && <p role="alert" className="mb-3 rounded-md bg-bad-soft px-3 py-2 text-sm text-bad">{general}</p>}
        <Tabs
          label={title}
          value={tab}
          onChange={(next) => setState({ tab: next, node: "" }, { push: true })}
          tabs={[{ value: "build", label: t("build") }, { value: "situation", label: <SituationLabel errors={errors} hasGraph={course === "graph"} /> }, ...parts]}
        >
          {tab === "build" ? build()
            : tab === "situation" ? <fieldset disabled={!mayWrite}><SituationForm form={form} /></fieldset>
              : parts.find((part) => part.value === tab)?.content({ spec: form.value, changed: form.changed, saving: form.saving, save })}
        </Tabs>
      </Page>
      <ImportDialog
        open={importing}
        onClose={() => setImporting(false)}
        onImport={(spec) => {
          form.replace({ ...spec, name: spec.name || form.value.name });
          setImporting(false);
          setState({ tab: "build" });
        }}
      />
    </FieldErrors>
  );
}

/** What further parts of the page need of the edit that goes on. */
export interface SaveState {
  spec: ScenarioSpec;
  changed: boolean;
  saving: boolean;
  save(then?: (item: Scenario) => void): void;
}

/** Says how much is wrong outside of the course. */
function SituationLabel({ errors, hasGraph }: { errors: ReadonlyMap<string, string>; hasGraph: boolean }) {
  const t = useText(scenarioTexts);
  const n = [...errors.keys()].filter((pointer) => pointer !== "" && !(hasGraph ? /^\/(graph|name)\b/ : /^\/(script|name|metrics|expected_output|opening)\b/).test(pointer)).length;
  return <>{t("situationTab")}{n > 0 && <span className="ml-1.5 rounded-sm bg-bad-soft px-1 text-xs text-bad" title={t("problems", { n })}>{n}</span>}</>;
}

/** A scenario as a file, as the API takes it. */
function download(spec: ScenarioSpec) {
  const address = URL.createObjectURL(new Blob([JSON.stringify(spec, null, 2)], { type: "application/json" }));
  const link = document.createElement("a");
  link.href = address;
  link.download = `${spec.name.replace(/[^\p{L}\p{N}_-]+/gu, "-") || "scenario"}.json`;
  link.click();
  URL.revokeObjectURL(address);
}

/** What of a saved scenario can be sent back. */
export const specOfScenario = (item: Scenario) => specOf<Scenario, ScenarioSpec>(scenarioKind, item);
