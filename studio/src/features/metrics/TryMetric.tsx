import { useMutation, useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";
import { Play } from "lucide-react";
import { api, request, type Schemas, unwrap } from "@/api/client";
import { ApiError } from "@/api/error";
import type { Page } from "@/api/pages";
import { useText } from "@/i18n";
import { useUrlState } from "@/lib/url-state";
import { Button, ButtonLink } from "@/ui/button";
import { CodeEditor } from "@/ui/code-editor";
import { Combobox } from "@/ui/combobox";
import { Field, FieldErrors } from "@/ui/field";
import { Input, Select, Textarea } from "@/ui/input";
import { Section } from "@/ui/section";
import { ErrorState } from "@/ui/states";
import { metricTexts } from "./i18n";
import type { CatalogueEntry, MetricSpec } from "./kind";
import { CASE_FIELDS, caseOf, type CaseField, type CaseTexts, EXAMPLE, fieldOf, fieldsFor } from "./testcase";
import { Verdict } from "./Verdict";

/** Scores one case by the metric as it stands in the form. What the server says of the metric goes to `onTried`, to stand at its fields. */
export function TryMetric({ entry, metric, onTried }: { entry: CatalogueEntry; metric: MetricSpec; onTried(errors: ReadonlyMap<string, string>): void }) {
  const t = useText(metricTexts);
  const [{ judge }, setUrl] = useUrlState({ judge: "" });
  const [texts, setTexts] = useState<CaseTexts>({});
  const [times, setTimes] = useState("");
  const [more, setMore] = useState<string[]>([]);
  const fields = fieldsFor(entry.required_fields, more);
  const { value, wrong } = useMemo(() => caseOf(Object.fromEntries(fields.map((field) => [field, texts[field]]))), [texts, fields.join()]);
  const models = useQuery({
    queryKey: ["models", "list", "judges"],
    queryFn: async () => (await request<Page<Schemas["Model"]>>("GET", "/api/v1/models", { query: { limit: 200, sort: "name" } })).data.data,
    enabled: entry.needs_judge,
  });
  const chosen = judge || models.data?.[0]?.id || null;
  const trial = useMutation({
    mutationFn: () => unwrap(api.POST("/api/v1/evaluate", { body: { case: value, metrics: [metric], judge_model_id: entry.needs_judge ? chosen : null, ...(entry.needs_judge && times ? { judging: { runs: Number(times) } } : {}) } as never })),
  });
  const said = trial.error instanceof ApiError ? trial.error.fields : null;
  useEffect(() => {
    onTried(new Map([...(said ?? [])].flatMap(([at, text]) => (at.startsWith("/metrics/0") ? [[`/metric${at.slice("/metrics/0".length)}`, text] as const] : []))));
  }, [said]);
  const set = (field: CaseField, text: string) => setTexts((before) => ({ ...before, [field]: text }));
  const errors = new Map([...(said ?? []), ...wrong.map((field) => [`/case/${field}`, t("wrongJson")] as const)]);
  const elsewhere = [...(said ?? [])].filter(([at]) => !fields.some((field) => at.startsWith(`/case/${field}`)) && !/^\/(judge_model_id|judging)/.test(at));
  const run = () => { if (wrong.length === 0 && !trial.isPending) trial.mutate(); };
  const lacksJudge = entry.needs_judge && models.data?.length === 0;
  return (
    <Section title={t("tryIt")} className="xl:sticky xl:top-4" actions={<Button size="sm" variant="ghost" onClick={() => setTexts((before) => ({ ...Object.fromEntries(fields.map((field) => [field, EXAMPLE[field]])), ...filled(before) }))}>{t("example")}</Button>}>
      <p className="-mt-2 text-sm text-muted">{t("tryText")}</p>
      <FieldErrors value={errors}>
        <div className="grid gap-3" onKeyDown={(event) => { if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); event.stopPropagation(); run(); } }}>
          {entry.needs_judge && (lacksJudge
            ? <div className="flex flex-wrap items-center gap-3 rounded-md bg-warn-soft px-3 py-2 text-sm text-warn"><span className="flex-1">{t("noModels")}</span><ButtonLink size="sm" to="/models/new">{t("addModel")}</ButtonLink></div>
            : (
              <div className="grid gap-3 sm:grid-cols-[minmax(0,1fr)_5rem]">
                <Field label={t("judgeModel")} pointer="/judge_model_id" hint={t("timesHint")}>
                  <Combobox value={chosen} onChange={(id) => setUrl({ judge: id })} placeholder={t("chooseJudge")} options={(models.data ?? []).map((model) => ({ value: model.id, label: model.name, hint: model.model }))} />
                </Field>
                <Field label={t("times")} pointer="/judging/runs"><Input type="number" min={1} max={15} placeholder="1" value={times} onChange={(event) => setTimes(event.target.value)} /></Field>
              </div>
            ))}
          {fields.map((field) => (
            <Field key={field} label={t(field)} pointer={`/case/${field}`} required={entry.required_fields.map(fieldOf).includes(field)} hint={CASE_FIELDS[field] === "lines" ? t("lines") : undefined}>
              {CASE_FIELDS[field] === "json"
                ? <CodeEditor language="json" label={t(field)} value={texts[field] ?? ""} onChange={(text) => set(field, text)} />
                : CASE_FIELDS[field] === "number"
                  ? <Input type="number" step="any" value={texts[field] ?? ""} onChange={(event) => set(field, event.target.value)} />
                  : <Textarea rows={2} value={texts[field] ?? ""} onChange={(event) => set(field, event.target.value)} />}
            </Field>
          ))}
          <div className="flex flex-wrap items-center gap-2">
            <Button variant="primary" busy={trial.isPending} disabled={lacksJudge || wrong.length > 0} onClick={run}><Play aria-hidden />{trial.isPending ? t("running") : t("run")}</Button>
            <Select aria-label={t("addField")} className="w-44" value="" onChange={(event) => setMore([...more, event.target.value])}>
              <option value="">{t("addField")}</option>
              {(Object.keys(CASE_FIELDS) as CaseField[]).filter((field) => !fields.includes(field)).map((field) => <option key={field} value={field}>{t(field)}</option>)}
            </Select>
          </div>
        </div>
      </FieldErrors>
      <div aria-live="polite" className="grid gap-3">
        {elsewhere.length > 0 && (
          <div role="alert" className="rounded-md bg-bad-soft px-3 py-2 text-sm text-bad">
            <p>{t("notAsked")}</p>
            <ul>{elsewhere.map(([at, text]) => <li key={at}><span className="font-mono text-xs">{at.replace("/metrics/0", "")}</span> {text}</li>)}</ul>
          </div>
        )}
        {trial.error && !said?.size && <ErrorState error={trial.error} onRetry={run} />}
        {trial.data?.results.map((result) => <Verdict key={result.name} result={result} />)}
      </div>
    </Section>
  );
}

/** What a person typed stays when the example is filled in. */
const filled = (texts: CaseTexts): CaseTexts => Object.fromEntries(Object.entries(texts).filter(([, text]) => text?.trim()));
