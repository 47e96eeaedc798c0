import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useDeferredValue, useMemo, useState } from "react";
import { request, type Schemas } from "@/api/client";
import { ApiError } from "@/api/error";
import { usePages } from "@/api/pages";
import { useText } from "@/i18n";
import { Button } from "@/ui/button";
import { Combobox } from "@/ui/combobox";
import { Dialog } from "@/ui/dialog";
import { Field, FieldErrors } from "@/ui/field";
import { Checkbox, Input, Textarea } from "@/ui/input";
import { ErrorState, messageOf } from "@/ui/states";
import { toast } from "@/ui/toast";
import { actionTexts } from "./actions-i18n";
import { historyOf, textOf } from "@/lib/chat";

/** What an item is made of: a trace, or one of its observations. */
export interface ItemSource {
  trace_id: string;
  observation_id?: string;
  input: unknown;
  output: unknown;
}

/** Makes items of a dataset of what went in and came out. One can be changed before. */
export function AddToDataset({ sources, onClose }: { sources: readonly ItemSource[]; onClose(done: boolean): void }) {
  const t = useText(actionTexts);
  const client = useQueryClient();
  const single = sources.length === 1 ? sources[0] : undefined;
  const [dataset, setDataset] = useState<string | null>(null);
  const [words, setWords] = useState("");
  const [input, setInput] = useState(single ? textOf(single.input, "user") : "");
  const [expected, setExpected] = useState(single ? textOf(single.output, "assistant") : "");
  const [withExpected, setWithExpected] = useState(true);
  const [withHistory, setWithHistory] = useState(true);
  const [split, setSplit] = useState("");
  const earlier = useMemo(() => sources.reduce((sum, one) => sum + historyOf(one.input).length, 0), [sources]);
  const datasets = usePages<Schemas["Dataset"]>({ key: ["datasets", "choice"], path: "/api/v1/datasets", query: { q: useDeferredValue(words) } });
  const name = datasets.rows.find((one) => one.id === dataset)?.name ?? "";
  const add = useMutation({
    mutationFn: async () => {
      const items = sources.map((one) => ({
        // The same trace again replaces its item rather than doubling it.
        key: one.observation_id ? `${one.trace_id}/${one.observation_id}` : one.trace_id,
        input: single ? input : textOf(one.input, "user"),
        expected_output: single ? expected || null : withExpected ? textOf(one.output, "assistant") || null : null,
        ...(withHistory ? { history: historyOf(one.input) } : {}),
        split: split || null,
        metadata: { trace_id: one.trace_id, ...(one.observation_id ? { observation_id: one.observation_id } : {}) },
      })).filter((one) => single || one.input !== "");
      return (await request<{ created: number; updated: number }>("POST", `/api/v1/datasets/${dataset}/items`, { body: { items } })).data;
    },
    onSuccess: async ({ created, updated }) => {
      toast(created > 0 ? t("addedItems", { n: created, name }) : t("updatedItems", { n: updated, name }));
      await client.invalidateQueries({ queryKey: ["datasets"] });
      onClose(true);
    },
  });
  const fields = add.error instanceof ApiError ? add.error.fields : new Map<string, string>();
  const none = !datasets.isPending && datasets.rows.length === 0 && words === "";
  return (
    <Dialog
      open onClose={() => onClose(false)} title={t("addToDataset")} description={t("datasetText", { n: sources.length })}
      actions={<>
        <Button onClick={() => onClose(false)}>{t("cancel")}</Button>
        <Button variant="primary" busy={add.isPending} disabled={!dataset} onClick={() => add.mutate()}>{t("add")}</Button>
      </>}
    >
      {datasets.error ? <ErrorState error={datasets.error} /> : none ? <p className="text-sm text-muted">{t("noDatasets")}</p> : (
        <FieldErrors value={fields}>
          <div className="grid gap-3">
            <Field label={t("dataset")} required>
              <Combobox value={dataset} onChange={setDataset} onSearch={setWords} placeholder={t("chooseDataset")} options={datasets.rows.map((one) => ({ value: one.id, label: one.name, hint: one.description }))} />
            </Field>
            {single ? <>
              <Field label={t("inputField")} pointer="/items/0/input" required><Textarea rows={3} className="max-h-60" value={input} onChange={(event) => setInput(event.target.value)} /></Field>
              <Field label={t("expected")} pointer="/items/0/expected_output" hint={t("expectedHint")}><Textarea rows={3} className="max-h-60" value={expected} onChange={(event) => setExpected(event.target.value)} /></Field>
            </> : (
              <label className="flex items-center gap-2 text-sm"><Checkbox checked={withExpected} onChange={(event) => setWithExpected(event.target.checked)} />{t("withExpected")}</label>
            )}
            {earlier > 0 && <label className="flex items-center gap-2 text-sm"><Checkbox checked={withHistory} onChange={(event) => setWithHistory(event.target.checked)} />{t("withHistory", { n: earlier })}</label>}
            <Field label={t("split")} hint={t("splitHint")} pointer="/items/0/split"><Input value={split} onChange={(event) => setSplit(event.target.value)} /></Field>
            {add.error && <p role="alert" className="text-sm text-bad">{[messageOf(add.error, t("failed")), ...[...fields].filter(([at]) => !at.startsWith("/items/0/")).map(([at, text]) => `${at}: ${text}`)].join(" ")}</p>}
          </div>
        </FieldErrors>
      )}
    </Dialog>
  );
}
