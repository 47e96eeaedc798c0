import { useMemo } from "react";
import { Plus, SearchX } from "lucide-react";
import { useMay } from "@/api/me";
import { usePages } from "@/api/pages";
import { useText } from "@/i18n";
import { ago, exactTime, NOTHING, score } from "@/lib/format";
import { useUrlState } from "@/lib/url-state";
import { Badge, type Tone } from "@/ui/badge";
import { Button } from "@/ui/button";
import { type Column, DataTable } from "@/ui/data-table";
import { Input, Select } from "@/ui/input";
import { Empty, ErrorState, Loading } from "@/ui/states";
import { reviewTexts } from "./i18n";
import { ItemSheet } from "./ItemSheet";
import { StatusBadge } from "./MachinePanel";
import { idOf, type Item, metricOf, type Queue, queuePath } from "./queue";

const STATES = ["pending", "in_progress", "done", "skipped"] as const;
const TONES: Record<Item["state"], Tone> = { pending: "neutral", in_progress: "info", done: "good", skipped: "warn" };
export const SUBJECTS = { run: "run", trace: "trace", dataset_item: "datasetItem" } as const;

/** What is in a queue, with filters; one of them beside the list. */
export function ItemsTab({ queue, onAdd }: { queue: Queue; onAdd(): void }) {
  const t = useText(reviewTexts);
  const mayWrite = useMay("resources_write");
  const [state, set] = useUrlState({ state: "", metric: "", rule: "", gold: "", run: "", item: "" });
  const list = usePages<Item>({
    key: ["review-queues", "items", queue.id],
    path: queuePath(queue.id, "items"),
    query: { state: state.state, metric: state.metric, rule: state.rule, gold: mayWrite ? state.gold : null, run_id: state.run },
  });
  const filtered = Boolean(state.state || state.metric || state.rule || state.gold || state.run);
  const columns = useMemo<Column<Item>[]>(() => [
    {
      id: "subject", header: t("subject"), grow: true, width: 260,
      cell: (item) => (
        <button type="button" className="max-w-full truncate text-left font-medium hover:text-accent hover:underline" onClick={() => set({ item: item.id }, { push: true })}>
          {t(SUBJECTS[item.subject.type])} <span className="font-mono text-xs font-normal text-muted">{idOf(item.subject)}</span>
        </button>
      ),
    },
    { id: "state", header: t("state"), width: 120, cell: (item) => <span className="flex gap-1"><Badge dot tone={TONES[item.state]}>{t(item.state)}</Badge></span> },
    { id: "gold", header: t("gold"), width: 90, hidden: !mayWrite, cell: (item) => item.gold && <Badge tone="accent">{t("gold")}</Badge> },
    { id: "metric", header: t("metric"), width: 150, cell: (item) => metricOf(item.subject) ?? <span className="text-muted">{NOTHING}</span> },
    { id: "machine", header: t("machine"), width: 150, align: "end", cell: (item) => item.machine ? <span className="inline-flex items-center gap-2"><StatusBadge status={item.machine.status} />{score(item.machine.score)}</span> : NOTHING },
    { id: "places", header: t("places"), width: 90, align: "end", cell: (item) => `${item.answered} / ${item.wanted}` },
    { id: "rule", header: t("rule"), width: 140, cell: (item) => <span className="text-muted">{item.rule ?? t("byHand")}</span> },
    { id: "entered", header: t("entered"), width: 120, cell: (item) => <time dateTime={item.created_at} title={exactTime(item.created_at)} className="text-muted">{ago(item.created_at)}</time> },
  ], [t, set, mayWrite]);
  if (list.error && list.rows.length === 0) return <ErrorState error={list.error} onRetry={() => void list.refetch()} />;
  if (list.isPending) return <Loading />;
  const add = mayWrite && <Button variant="primary" onClick={onAdd}><Plus aria-hidden />{t("addItems")}</Button>;
  if (list.rows.length === 0 && !filtered) return <div className="card"><Empty title={t("noItems")} action={add}>{t("noItemsText")}</Empty></div>;
  return (
    <>
      <DataTable
        name="review-items"
        label={t("items")}
        rows={list.rows}
        columns={columns}
        rowId={(item) => item.id}
        onOpen={(item) => set({ item: item.id }, { push: true })}
        onEnd={() => void list.fetchNextPage()}
        hasMore={list.hasNextPage}
        loadingMore={list.isFetchingNextPage}
        toolbar={<>
          <Select className="w-40" aria-label={t("state")} value={state.state} onChange={(event) => set({ state: event.target.value })}>
            <option value="">{t("anyState")}</option>
            {STATES.map((one) => <option key={one} value={one}>{t(one)}</option>)}
          </Select>
          {(queue.rules?.length ?? 0) > 0 && (
            <Select className="w-40" aria-label={t("rule")} value={state.rule} onChange={(event) => set({ rule: event.target.value })}>
              <option value="">{t("anyRule")}</option>
              {queue.rules?.map((rule) => <option key={rule.name} value={rule.name}>{rule.name}</option>)}
            </Select>
          )}
          {mayWrite && (
            <Select className="w-40" aria-label={t("gold")} value={state.gold} onChange={(event) => set({ gold: event.target.value })}>
              <option value="">{t("goldAny")}</option>
              <option value="true">{t("onlyGold")}</option>
              <option value="false">{t("notGold")}</option>
            </Select>
          )}
          <Input className="w-40" aria-label={t("metric")} placeholder={t("anyMetric")} value={state.metric} onChange={(event) => set({ metric: event.target.value })} />
        </>}
        empty={<Empty icon={SearchX} title={t("noMatch")} action={<Button onClick={() => set({ state: "", metric: "", rule: "", gold: "", run: "" })}>{t("clear")}</Button>} />}
      />
      {state.item && <ItemSheet queue={queue} itemId={state.item} onClose={() => set({ item: "" })} />}
    </>
  );
}
