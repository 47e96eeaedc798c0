import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useId, useMemo } from "react";
import { request, type Schemas, type Written } from "@/api/client";
import type { Page } from "@/api/pages";
import { useText } from "@/i18n";
import { DraftForm, useDraft } from "@/resource/draft";
import { numberAt, textAt } from "@/resource/fields";
import { Button } from "@/ui/button";
import { Combobox } from "@/ui/combobox";
import { Sheet } from "@/ui/dialog";
import { Field } from "@/ui/field";
import { Input } from "@/ui/input";
import { toast } from "@/ui/toast";
import { calibrationTexts } from "./i18n";

type Spec = Written<Schemas["CalibrationSpecInput"], "metric" | "judge_model_id">;
type Detail = Schemas["CalibrationDetail"];

const useNamed = (path: string, key: string) => useQuery({
  queryKey: [key, "to-choose"],
  queryFn: async ({ signal }) => (await request<Page<{ id: string; name: string }>>("GET", path, { query: { limit: 200 }, signal })).data.data,
});
const optionsOf = (rows: readonly { id: string; name: string }[] | undefined) => (rows ?? []).map(({ id, name }) => ({ value: id, label: name }));

/** Which scores and whose answers a calibration is made of. */
export function CreateCalibration({ metric, schema, queue, onClose, onDone }: { metric: string; schema: string; queue: string; onClose(): void; onDone(id: string): void }) {
  const t = useText(calibrationTexts);
  const client = useQueryClient();
  const form = useId();
  const models = useNamed("/api/v1/models", "models");
  const queues = useNamed("/api/v1/review-queues", "review-queues");
  const initial = useMemo<Spec>(() => ({ metric, judge_model_id: "", ...(schema && { schema }), ...(queue && { queue_id: queue }) }), [metric, schema, queue]);
  const draft = useDraft<Spec, { status: "new" | "same"; data: Detail }>(
    initial,
    async (value) => {
      const before = Date.now();
      const { data } = await request<Detail>("POST", "/api/v1/calibrations", { body: value });
      // The same labels make no new version: then it was made earlier.
      return { status: new Date(data.created_at).getTime() < before - 5000 ? "same" : "new", data };
    },
    ({ status, data }) => {
      toast(t(status === "new" ? "made_toast" : "same", { n: data.version }));
      void client.invalidateQueries({ queryKey: ["calibrations"] });
      onDone(data.id);
    },
  );
  const dateAt = (pointer: "/answered_from" | "/answered_to") => ({
    type: "date",
    value: draft.text(pointer).slice(0, 10),
    onChange: (event: { target: { value: string } }) => draft.set(pointer, event.target.value ? `${event.target.value}T00:00:00Z` : undefined),
  });
  return (
    <Sheet
      open onClose={onClose} title={t("create")} description={t("createText")}
      actions={<Button type="submit" form={form} variant="primary" busy={draft.saving} disabled={!draft.value.metric || !draft.value.judge_model_id}>{t("make")}</Button>}
    >
      <DraftForm draft={draft} id={form}>
        <Field label={t("metric")} pointer="/metric" required hint={t("metricHint")}><Input {...textAt(draft, "/metric")} /></Field>
        <Field label={t("judge")} pointer="/judge_model_id" required>
          <Combobox value={draft.value.judge_model_id || null} placeholder={t("chooseJudge")} options={optionsOf(models.data)} onChange={(id) => draft.set("/judge_model_id", id)} />
        </Field>
        <Field label={t("schema")} pointer="/schema" hint={t("schemaHint")}><Input {...textAt(draft, "/schema", "absent")} /></Field>
        <Field label={t("queue")} pointer="/queue_id">
          <Combobox value={draft.value.queue_id ?? ""} options={[{ value: "", label: t("clearQueue") }, ...optionsOf(queues.data)]} onChange={(id) => draft.set("/queue_id", id || undefined)} />
        </Field>
        <div className="grid gap-4 sm:grid-cols-2">
          <Field label={t("coverage")} pointer="/coverage" hint={t("coverageHint")}><Input min={0.5} max={0.99} step={0.01} placeholder="0.9" {...numberAt(draft, "/coverage")} /></Field>
          <Field label={t("minimum")} pointer="/minimum" hint={t("minimumHint")}><Input min={20} step={1} placeholder="30" {...numberAt(draft, "/minimum")} /></Field>
        </div>
        <details>
          <summary className="text-sm text-muted">{t("more")}</summary>
          <div className="mt-3 grid gap-4 sm:grid-cols-2">
            <Field label={t("from")} pointer="/answered_from"><Input {...dateAt("/answered_from")} /></Field>
            <Field label={t("to")} pointer="/answered_to"><Input {...dateAt("/answered_to")} /></Field>
            <Field label={t("runs")} pointer="/judging" hint={t("runsHint")}><Input min={1} max={15} step={1} placeholder="1" {...numberAt(draft, "/judging/runs")} /></Field>
            <Field label={t("seed")} pointer="/seed"><Input min={0} step={1} placeholder="0" {...numberAt(draft, "/seed")} /></Field>
          </div>
        </details>
      </DraftForm>
    </Sheet>
  );
}
