import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useDeferredValue, useState } from "react";
import { request, type Schemas } from "@/api/client";
import { usePages } from "@/api/pages";
import { useText } from "@/i18n";
import { Button } from "@/ui/button";
import { Combobox } from "@/ui/combobox";
import { Dialog } from "@/ui/dialog";
import { Field } from "@/ui/field";
import { Input } from "@/ui/input";
import { ErrorState, messageOf } from "@/ui/states";
import { toast } from "@/ui/toast";
import { actionTexts } from "./actions-i18n";

/** Puts traces, or observations of them, before people. */
export function AddToQueue({ subjects, onClose }: { subjects: readonly { trace_id: string; observation_id?: string }[]; onClose(done: boolean): void }) {
  const t = useText(actionTexts);
  const client = useQueryClient();
  const [queue, setQueue] = useState<string | null>(null);
  const [words, setWords] = useState("");
  const [priority, setPriority] = useState("0");
  const queues = usePages<Schemas["ReviewQueue"]>({ key: ["review-queues", "choice"], path: "/api/v1/review-queues", query: { q: useDeferredValue(words) } });
  const name = queues.rows.find((one) => one.id === queue)?.name ?? "";
  const add = useMutation({
    mutationFn: async () => (await request<Schemas["ReviewItemsAdded"]>("POST", `/api/v1/review-queues/${queue}/items`, {
      body: { items: subjects.map((one) => ({ subject: { type: "trace", ...one }, priority: Number(priority) || 0 })) },
    })).data,
    onSuccess: async ({ created }) => {
      toast(created > 0 ? t("queued", { n: created, name }) : t("wasQueued", { name }));
      await client.invalidateQueries({ queryKey: ["review-queues"] });
      onClose(true);
    },
  });
  const none = !queues.isPending && queues.rows.length === 0 && words === "";
  return (
    <Dialog
      open onClose={() => onClose(false)} title={t("addToQueue")}
      actions={<>
        <Button onClick={() => onClose(false)}>{t("cancel")}</Button>
        <Button variant="primary" busy={add.isPending} disabled={!queue} onClick={() => add.mutate()}>{t("add")}</Button>
      </>}
    >
      {queues.error ? <ErrorState error={queues.error} /> : none ? <p className="text-sm text-muted">{t("noQueues")}</p> : (
        <div className="grid gap-3">
          <Field label={t("queue")} required>
            <Combobox value={queue} onChange={setQueue} onSearch={setWords} placeholder={t("chooseQueue")} options={queues.rows.map((one) => ({ value: one.id, label: one.name, hint: one.description }))} />
          </Field>
          <Field label={t("priority")} hint={t("priorityHint")}><Input type="number" step={1} value={priority} onChange={(event) => setPriority(event.target.value)} /></Field>
          {add.error && <p role="alert" className="text-sm text-bad">{messageOf(add.error, t("failed"))}</p>}
        </div>
      )}
    </Dialog>
  );
}
