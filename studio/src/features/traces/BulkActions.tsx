import { useState } from "react";
import { Database, ListChecks, Trash2 } from "lucide-react";
import { useMay } from "@/api/me";
import { useText } from "@/i18n";
import { Button } from "@/ui/button";
import { Confirm } from "@/ui/dialog";
import { SelectionBar } from "@/ui/selection-bar";
import { actionTexts } from "./actions-i18n";
import { AddToDataset, type ItemSource } from "./AddToDataset";
import { AddToQueue } from "./AddToQueue";
import { traceTexts } from "./i18n";
import type { Trace } from "./live";
import { useDeleteTraces } from "./mutations";

/** What can be done with the selected traces of a list. */
export function BulkActions({ selected, rows, onDone, onDeleted }: {
  selected: ReadonlySet<string>;
  rows: readonly Trace[];
  onDone(): void;
  onDeleted?(ids: readonly string[]): void;
}) {
  const t = useText(traceTexts);
  const a = useText(actionTexts);
  const remove = useDeleteTraces();
  const mayAdd = useMay("resources_write");
  const [open, setOpen] = useState<"dataset" | "queue" | "delete" | null>(null);
  const ids = [...selected];
  const close = (done: boolean) => {
    setOpen(null);
    if (done) onDone();
  };
  const sources = (): ItemSource[] => rows.filter((one) => selected.has(one.id)).map((one) => ({ trace_id: one.id, input: one.input, output: one.output }));
  return (
    <>
      <SelectionBar count={selected.size} onClear={onDone}>
        {mayAdd && <Button size="sm" onClick={() => setOpen("dataset")}><Database aria-hidden />{a("addToDataset")}</Button>}
        {mayAdd && <Button size="sm" onClick={() => setOpen("queue")}><ListChecks aria-hidden />{a("addToQueue")}</Button>}
        <Button variant="danger" size="sm" onClick={() => setOpen("delete")}><Trash2 aria-hidden />{t("delete")}</Button>
      </SelectionBar>
      {open === "dataset" && <AddToDataset sources={sources()} onClose={close} />}
      {open === "queue" && <AddToQueue subjects={ids.map((trace_id) => ({ trace_id }))} onClose={close} />}
      <Confirm
        open={open === "delete"} onClose={() => setOpen(null)} danger busy={remove.isPending} title={t("deleteTitle", { n: ids.length })} description={t("deleteText")}
        confirm={t("delete")} onConfirm={() => remove.mutate(ids, { onSuccess: () => { onDeleted?.(ids); close(true); }, onError: () => close(false) })}
      />
    </>
  );
}
