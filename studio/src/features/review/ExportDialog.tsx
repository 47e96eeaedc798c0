import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useId } from "react";
import { api, type Schemas, unwrap } from "@/api/client";
import { useText } from "@/i18n";
import { DraftForm, useDraft } from "@/resource/draft";
import { textAt } from "@/resource/fields";
import { Button } from "@/ui/button";
import { Sheet } from "@/ui/dialog";
import { Field } from "@/ui/field";
import { Input, Select } from "@/ui/input";
import { toast } from "@/ui/toast";
import { reviewTexts } from "./i18n";
import { queueFormTexts } from "./i18n-form";
import { PickOne } from "./pick";
import type { Queue } from "./queue";

interface Value {
  dataset: Schemas["Dataset"] | null;
  name: string;
  expected: string;
  split: string;
}

/** What people labelled becomes a dataset's: one that is there, or a new one. */
export function ExportDialog({ queue, onClose }: { queue: Queue; onClose(): void }) {
  const t = useText(queueFormTexts);
  const r = useText(reviewTexts);
  const client = useQueryClient();
  const navigate = useNavigate();
  const form = useId();
  const words = queue.label_schemas.filter(({ spec }) => spec.kind === "text" && spec.target === "case");
  const draft = useDraft<Value, { dataset: string; done: Schemas["ReviewExported"] }>(
    { dataset: null, name: "", expected: "", split: "" },
    async (value) => {
      const dataset = value.dataset?.id ?? (await unwrap(api.POST("/api/v1/datasets", { body: { name: value.name.trim(), description: "" } }))).id;
      const body = { dataset_id: dataset, expected_output_from: value.expected || null, split: value.split.trim() || null };
      return { dataset, done: await unwrap(api.POST("/api/v1/review-queues/{id}/export", { params: { path: { id: queue.id } }, body })) };
    },
    ({ dataset, done }) => {
      toast(t("exported", { created: done.created, updated: done.updated }) + (done.gone > 0 ? ` · ${t("exportGone", { n: done.gone })}` : ""));
      void client.invalidateQueries({ queryKey: ["datasets"] });
      onClose();
      void navigate({ to: `/datasets/${dataset}` });
    },
  );
  return (
    <Sheet
      open onClose={onClose} title={t("exportTitle")} description={t("exportText")}
      actions={<Button type="submit" form={form} variant="primary" busy={draft.saving} disabled={!draft.value.dataset && !draft.value.name.trim()}>{r("export")}</Button>}
    >
      <DraftForm draft={draft} id={form}>
        <Field label={t("dataset")} pointer="/dataset_id">
          <PickOne<Schemas["Dataset"]> path="/api/v1/datasets" value={draft.value.dataset} placeholder={t("chooseDataset")} hint={(one) => String(one.item_count)} onChange={(dataset) => draft.replace({ ...draft.value, dataset, name: "" })} />
        </Field>
        <Field label={t("newDataset")} pointer="/name"><Input value={draft.value.name} onChange={(event) => draft.replace({ ...draft.value, name: event.target.value, dataset: null })} /></Field>
        {words.length > 0 && (
          <Field label={t("expectedFrom")} pointer="/expected_output_from">
            <Select value={draft.value.expected} onChange={(event) => draft.set("/expected", event.target.value)}>
              <option value="">{t("expectedNone")}</option>
              {words.map(({ id, spec }) => <option key={id} value={spec.name}>{spec.name}</option>)}
            </Select>
          </Field>
        )}
        <Field label={t("split")} pointer="/split"><Input {...textAt(draft, "/split")} /></Field>
      </DraftForm>
    </Sheet>
  );
}
