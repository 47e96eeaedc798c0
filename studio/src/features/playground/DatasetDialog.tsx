import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useDeferredValue, useState } from "react";
import { request, type Schemas } from "@/api/client";
import { ApiError } from "@/api/error";
import { usePages } from "@/api/pages";
import { useText } from "@/i18n";
import { Button, ButtonLink } from "@/ui/button";
import { Combobox } from "@/ui/combobox";
import { Dialog } from "@/ui/dialog";
import { Field, FieldErrors } from "@/ui/field";
import { Checkbox, Input, Textarea } from "@/ui/input";
import { ErrorState, messageOf } from "@/ui/states";
import { toast } from "@/ui/toast";
import { caseOf } from "./case";
import { playgroundTexts } from "./i18n";
import type { Asked } from "./types";

/** Makes an item of a dataset of what was asked and answered. */
export function DatasetDialog({ asked, answer, onClose }: { asked: Asked; answer: string; onClose(): void }) {
  const t = useText(playgroundTexts);
  const client = useQueryClient();
  const found = caseOf(asked.messages);
  const [dataset, setDataset] = useState<string | null>(null);
  const [words, setWords] = useState("");
  const [input, setInput] = useState(typeof found.input === "string" ? found.input : null);
  const [expected, setExpected] = useState(answer);
  const [withHistory, setWithHistory] = useState(true);
  const [split, setSplit] = useState("");
  const datasets = usePages<Schemas["Dataset"]>({ key: ["datasets", "choice"], path: "/api/v1/datasets", query: { q: useDeferredValue(words) } });
  const name = datasets.rows.find((one) => one.id === dataset)?.name ?? "";
  const add = useMutation({
    mutationFn: async () => {
      const item = { input: input ?? found.input, expected_output: expected || null, ...(withHistory && found.history.length > 0 ? { history: found.history } : {}), split: split || null };
      return (await request("POST", `/api/v1/datasets/${encodeURIComponent(dataset ?? "")}/items`, { body: { items: [item] } })).data;
    },
    onSuccess: async () => {
      toast(t("addedTo", { name }));
      onClose();
      await client.invalidateQueries({ queryKey: ["datasets"] });
    },
  });
  const fields = add.error instanceof ApiError ? add.error.fields : new Map<string, string>();
  const rest = [...fields].filter(([pointer]) => !/^\/items\/0\/(input|expected_output|split)/.test(pointer));
  const none = !datasets.isPending && datasets.rows.length === 0 && words === "";
  return (
    <Dialog
      open onClose={onClose} title={t("toDataset")} description={t("datasetText")}
      actions={<>
        <Button onClick={onClose}>{t("cancel")}</Button>
        <Button variant="primary" busy={add.isPending} disabled={!dataset} onClick={() => add.mutate()}>{t("add")}</Button>
      </>}
    >
      {datasets.error ? <ErrorState error={datasets.error} /> : none ? <div className="grid justify-items-start gap-2"><p className="text-sm text-muted">{t("noDatasets")}</p><ButtonLink to="/datasets/new">{t("makeDataset")}</ButtonLink></div> : (
        <FieldErrors value={fields}>
          <div className="grid gap-3">
            <Field label={t("dataset")} required>
              <Combobox value={dataset} onChange={setDataset} onSearch={setWords} placeholder={t("findDataset")} options={datasets.rows.map((one) => ({ value: one.id, label: one.name, hint: one.description }))} />
            </Field>
            {input === null
              ? <p className="text-sm text-muted">{t("inputPictures")}</p>
              : <Field label={t("input")} pointer="/items/0/input" required><Textarea rows={2} className="max-h-48" value={input} onChange={(event) => setInput(event.target.value)} /></Field>}
            <Field label={t("expected")} pointer="/items/0/expected_output" hint={t("expectedHint")}><Textarea rows={3} className="max-h-60" value={expected} onChange={(event) => setExpected(event.target.value)} /></Field>
            {found.history.length > 0 && <label className="flex items-center gap-2 text-sm"><Checkbox checked={withHistory} onChange={(event) => setWithHistory(event.target.checked)} />{t("withHistory", { n: found.history.length })}</label>}
            <Field label={t("split")} hint={t("splitHint")} pointer="/items/0/split"><Input value={split} onChange={(event) => setSplit(event.target.value)} /></Field>
            {add.error && (fields.size === 0 || rest.length > 0) && <p role="alert" className="text-sm text-bad">{[messageOf(add.error, t("failed")), ...rest.map(([pointer, text]) => `${pointer}: ${text}`)].join(" ")}</p>}
          </div>
        </FieldErrors>
      )}
    </Dialog>
  );
}
