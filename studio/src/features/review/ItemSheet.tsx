import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { RotateCcw, UserPlus } from "lucide-react";
import { api, type Schemas, unwrap } from "@/api/client";
import { useMay } from "@/api/me";
import { usePages } from "@/api/pages";
import { useText } from "@/i18n";
import { ago, dateTime, exactTime } from "@/lib/format";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { Dialog, Sheet } from "@/ui/dialog";
import { Field } from "@/ui/field";
import { Facts } from "@/ui/section";
import { Loaded, messageOf } from "@/ui/states";
import { toast, toastError } from "@/ui/toast";
import { AnswerList } from "./AnnotationsTab";
import { Content } from "./Content";
import { reviewTexts } from "./i18n";
import { SUBJECTS } from "./ItemsTab";
import { MachineScoreView } from "./MachinePanel";
import { OverrideDialog, Overrides } from "./Override";
import { usePeople } from "@/resource/people";
import { PickPeople } from "./pick";
import { idOf, metricOf, type Queue, queuePath, seenOf } from "./queue";

/** An item: what it is about, what the machine and people say of it. */
export function ItemSheet({ queue, itemId, onClose }: { queue: Queue; itemId: string; onClose(): void }) {
  const t = useText(reviewTexts);
  const item = useQuery({
    queryKey: ["review-queues", "item", queue.id, itemId],
    queryFn: ({ signal }) => unwrap(api.GET("/api/v1/review-queues/{id}/items/{item_id}", { params: { path: { id: queue.id, item_id: itemId } }, signal })),
  });
  return (
    <Sheet open onClose={onClose} title={item.data ? t(SUBJECTS[item.data.subject.type]) : t("subject")} description={item.data && <span className="font-mono text-xs">{idOf(item.data.subject)}</span>}>
      <Loaded query={item}>{(data) => <Detail queue={queue} item={data} />}</Loaded>
    </Sheet>
  );
}

function Detail({ queue, item }: { queue: Queue; item: Schemas["ReviewItemDetail"] }) {
  const t = useText(reviewTexts);
  const client = useQueryClient();
  const mayWrite = useMay("resources_write");
  const { nameOf } = usePeople();
  const [dialog, setDialog] = useState<"override" | "assign" | null>(null);
  const metric = metricOf(item.subject);
  const runId = item.subject.type === "run" ? item.subject.run_id : null;
  const annotations = usePages<Schemas["ReviewAnnotation"]>({ key: ["review-queues", "annotations", queue.id], path: queuePath(queue.id, "annotations"), query: { item_id: item.id } });
  const reopen = useMutation({
    mutationFn: () => unwrap(api.POST("/api/v1/review-queues/{id}/items/{item_id}/reopen", { params: { path: { id: queue.id, item_id: item.id } } })),
    onSuccess: () => {
      toast(t("reopened"));
      return client.invalidateQueries({ queryKey: ["review-queues"] });
    },
    onError: (error) => toastError(messageOf(error, t("failed_toast"))),
  });
  return (
    <div className="grid gap-5">
      <div className="flex flex-wrap items-center gap-3">
        <Badge>{t(item.state)}</Badge>
        {item.gold && <Badge tone="accent">{t("gold")}</Badge>}
        <Facts facts={[[t("places"), `${item.answered} / ${item.wanted}`], [t("skips"), item.skips > 0 ? item.skips : null], [t("rule"), item.rule ?? t("byHand")], [t("entered"), <time key="t" title={exactTime(item.created_at)}>{ago(item.created_at)}</time>]]} />
        {mayWrite && <span className="ml-auto flex gap-2">
          {item.skips > 0 && <Button size="sm" busy={reopen.isPending} title={t("reopenHint")} onClick={() => reopen.mutate()}><RotateCcw aria-hidden />{t("reopen")}</Button>}
          <Button size="sm" onClick={() => setDialog("assign")}><UserPlus aria-hidden />{t("assign")}</Button>
        </span>}
      </div>
      {metric && (
        <section className="grid gap-2">
          <h3 className="font-semibold">{t("machine")}</h3>
          {item.machine ? <MachineScoreView machine={item.machine} metric={metric} /> : <p className="text-sm text-muted">{t("machineHidden")}</p>}
          {runId && item.machine && <Overrides runId={runId} metric={metric} onOverride={() => setDialog("override")} />}
        </section>
      )}
      <section className="grid gap-2">
        <h3 className="font-semibold">{t("whoAnswered")}</h3>
        {item.gold && <div className="rounded-md bg-accent-soft/60 p-2"><p className="label mb-1">{t("goldHint")}</p><AnswerList answers={item.gold} /></div>}
        <ul className="grid gap-1 text-sm">
          {item.people.map((one, index) => (
            <li key={index} className="flex flex-wrap items-baseline gap-2">
              <span className="font-medium">{one.person_id ? nameOf(one.person_id) : one.assigned_to ? t("reservedFor", { name: nameOf(one.assigned_to) }) : one.state === "aside" ? t("aside") : t("openPlace")}</span>
              {one.state === "leased" && one.lease_until && <span className="text-xs text-muted">{t("leasedUntil", { time: dateTime(one.lease_until) })}</span>}
              {one.answered_at && <time className="text-xs text-muted" title={exactTime(one.answered_at)}>{ago(one.answered_at)}</time>}
            </li>
          ))}
        </ul>
        {annotations.rows.map((one) => (
          <div key={`${one.person_id}-${one.slot}`} className="rounded-md bg-sunken/60 p-2 text-sm">
            <p className="mb-1 text-xs text-muted">{nameOf(one.person_id)}</p>
            <AnswerList answers={one.answers} />
            {one.note && <p className="mt-1 whitespace-pre-wrap text-muted">{one.note}</p>}
          </div>
        ))}
      </section>
      <Content subject={item.subject} seen={seenOf(item.content)} />
      {dialog === "override" && runId && metric && <OverrideDialog runId={runId} metric={metric} onClose={() => setDialog(null)} />}
      {dialog === "assign" && <Assign queue={queue} item={item} onClose={() => setDialog(null)} />}
    </div>
  );
}

function Assign({ queue, item, onClose }: { queue: Queue; item: Schemas["ReviewItemDetail"]; onClose(): void }) {
  const t = useText(reviewTexts);
  const client = useQueryClient();
  const [people, setPeople] = useState(() => [...new Set(item.people.map((one) => one.assigned_to).filter((id) => id !== null))]);
  const assign = useMutation({
    mutationFn: () => unwrap(api.POST("/api/v1/review-queues/{id}/items/{item_id}/assign", { params: { path: { id: queue.id, item_id: item.id } }, body: { assignees: people } })),
    onSuccess: () => {
      toast(t("assigned"));
      onClose();
      return client.invalidateQueries({ queryKey: ["review-queues"] });
    },
    onError: (error) => toastError(messageOf(error, t("failed_toast"))),
  });
  return (
    <Dialog open onClose={onClose} title={t("assign")} className="overflow-visible" actions={<Button variant="primary" busy={assign.isPending} onClick={() => assign.mutate()}>{t("assign")}</Button>}>
      <Field label={t("assignTo")} hint={t("assignHint")}><PickPeople value={people} onChange={setPeople} /></Field>
    </Dialog>
  );
}
