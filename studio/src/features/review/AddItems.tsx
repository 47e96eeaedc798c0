import { useQueryClient } from "@tanstack/react-query";
import { useId, useState } from "react";
import { request, type Schemas } from "@/api/client";
import { type Page, usePages } from "@/api/pages";
import { useText } from "@/i18n";
import { DraftForm, useDraft } from "@/resource/draft";
import { numberAt, textAt } from "@/resource/fields";
import { Button } from "@/ui/button";
import { Sheet } from "@/ui/dialog";
import { Field } from "@/ui/field";
import { Checkbox, Input, Select, Textarea } from "@/ui/input";
import { toast } from "@/ui/toast";
import { type Answered, answersOf, questionsOf } from "./answers";
import { reviewTexts } from "./i18n";
import { queueFormTexts } from "./i18n-form";
import { PickOne, PickPeople } from "./pick";
import { QuestionList } from "./QuestionList";
import { type Queue, queuePath, type Subject } from "./queue";

type Campaign = Schemas["Campaign"];
type Dataset = Schemas["Dataset"];
type From = "campaign" | "dataset" | "traces";

interface Value {
  from: From;
  campaign: Campaign | null;
  dataset: Dataset | null;
  metric: string;
  status: "" | "passed" | "failed" | "error";
  traces: string;
  /** Ids of the picked rows; null for all. */
  picked: string[] | null;
  priority?: number;
  assignees: string[];
  isGold: boolean;
  gold: Record<string, Answered>;
}

const EMPTY: Value = { from: "campaign", campaign: null, dataset: null, metric: "", status: "", traces: "", picked: null, assignees: [], isGold: false, gold: {} };
/** As many as one request takes. */
const BATCH = 200;
const ENDED = ["passed", "failed", "error"];

interface Candidate {
  id: string;
  text: string;
}

const path = (value: Value) =>
  value.from === "campaign" ? `/api/v1/campaigns/${encodeURIComponent(value.campaign?.id ?? "")}/runs` : `/api/v1/datasets/${encodeURIComponent(value.dataset?.id ?? "")}/items`;

type Row = Partial<Schemas["ItemOutcome"]> & Partial<Schemas["DatasetItem"]>;
const candidatesOf = (value: Value, rows: readonly Row[]): Candidate[] =>
  value.from === "campaign"
    ? rows.filter((row) => ENDED.includes(row.status ?? "")).map((row) => ({ id: row.run_id ?? "", text: `${row.item_key ?? ""} · ${row.input ?? ""}` }))
    : rows.map((row) => ({ id: row.key ?? "", text: `${row.key ?? ""} · ${row.input ?? row.turns?.join(" / ") ?? ""}` }));

/** Everything that the choice stands for, page by page. */
async function all(value: Value): Promise<string[]> {
  if (value.from === "traces") return value.traces.split(/\s+/).filter(Boolean);
  if (value.picked) return value.picked;
  const ids: string[] = [];
  let cursor: string | null = null;
  do {
    const page: Page<Row> = (await request<Page<Row>>("GET", path(value), { query: { limit: 200, cursor, status: value.from === "campaign" ? value.status : null } })).data;
    ids.push(...candidatesOf(value, page.data).map((one) => one.id));
    cursor = page.next_cursor;
  } while (cursor);
  return ids;
}

function subjectOf(value: Value, id: string): Subject {
  const metric = value.metric ? { metric: value.metric } : {};
  if (value.from === "campaign") return { type: "run", run_id: id, ...metric };
  return value.from === "dataset" ? { type: "dataset_item", dataset_id: value.dataset?.id ?? "", item_key: id } : { type: "trace", trace_id: id, ...metric };
}

/** Puts runs, items of datasets or traces into a queue; with the answers, where they are known. */
export function AddItems({ queue, onClose }: { queue: Queue; onClose(): void }) {
  const t = useText(queueFormTexts);
  const client = useQueryClient();
  const form = useId();
  const asked = questionsOf(queue.label_schemas.filter(({ spec }) => spec.target === "case" && spec.kind !== "text"), 0, []);
  const [active, setActive] = useState(0);
  const draft = useDraft<Value, Schemas["ReviewItemsAdded"]>(
    EMPTY,
    async (value) => {
      const ids = await all(value);
      const gold = value.isGold ? answersOf(asked, value.gold).sent : null;
      const items = ids.map((id) => ({
        subject: subjectOf(value, id), priority: value.priority ?? 0,
        ...(value.assignees.length > 0 && { assignees: value.assignees }), ...(gold && { gold }),
      }));
      const sum = { created: 0, existing: 0 };
      for (let at = 0; at === 0 || at < items.length; at += BATCH) {
        const { data } = await request<Schemas["ReviewItemsAdded"]>("POST", queuePath(queue.id, "items"), { body: { items: items.slice(at, at + BATCH) } });
        sum.created += data.created;
        sum.existing += data.existing;
      }
      return sum;
    },
    ({ created, existing }) => {
      toast(t("added", { created, existing }));
      void client.invalidateQueries({ queryKey: ["review-queues"] });
      onClose();
    },
  );
  const { value } = draft;
  const chosen = value.from === "campaign" ? value.campaign : value.from === "dataset" ? value.dataset : null;
  const count = value.from === "traces"
    ? value.traces.split(/\s+/).filter(Boolean).length
    : !chosen ? 0 : value.picked ? value.picked.length
    : value.from === "dataset" ? value.dataset?.item_count ?? 0
    : value.status ? value.campaign?.summary[value.status] ?? 0 : ENDED.reduce((sum, one) => sum + (value.campaign?.summary[one as "passed"] ?? 0), 0);
  const change = (changes: Partial<Value>) => draft.replace({ ...value, ...changes });
  return (
    <Sheet
      open onClose={onClose} title={t("addTitle")} description={t("addText")}
      actions={<Button type="submit" form={form} variant="primary" busy={draft.saving} disabled={count === 0}>{t("add", { n: count })}</Button>}
    >
      <DraftForm draft={draft} id={form}>
        <Field label={t("from")}>
          <Select value={value.from} onChange={(event) => change({ from: event.target.value as From, picked: null })}>
            <option value="campaign">{t("fromCampaign")}</option>
            <option value="dataset">{t("fromDataset")}</option>
            <option value="traces">{t("fromTraces")}</option>
          </Select>
        </Field>
        {value.from === "campaign" && (
          <div className="grid gap-4 sm:grid-cols-2">
            <Field label={t("campaign")} className="sm:col-span-2">
              <PickOne<Campaign> path="/api/v1/campaigns" search={false} value={value.campaign} placeholder={t("chooseCampaign")} hint={(one) => `${one.summary.total} · ${one.status}`} onChange={(campaign) => change({ campaign, picked: null, metric: metricsOf(campaign)[0] ?? "" })} />
            </Field>
            {value.campaign && <>
              <Field label={t("withMetric")}>
                <Select value={value.metric} onChange={(event) => change({ metric: event.target.value })}>
                  <option value="">{t("noMetric")}</option>
                  {metricsOf(value.campaign).map((name) => <option key={name} value={name}>{name}</option>)}
                </Select>
              </Field>
              <Field label={t("which")}>
                <Select value={value.status} onChange={(event) => change({ status: event.target.value as Value["status"], picked: null })}>
                  <option value="">{t("allRuns")}</option>
                  <Statuses />
                </Select>
              </Field>
            </>}
          </div>
        )}
        {value.from === "dataset" && (
          <Field label={t("dataset")}>
            <PickOne<Dataset> path="/api/v1/datasets" value={value.dataset} placeholder={t("chooseDataset")} hint={(one) => String(one.item_count)} onChange={(dataset) => change({ dataset, picked: null })} />
          </Field>
        )}
        {value.from === "traces" && (
          <Field label={t("traceIds")} pointer="/items" hint={t("traceIdsHint")}><Textarea rows={4} spellCheck={false} className="font-mono text-xs" {...textAt(draft, "/traces")} /></Field>
        )}
        {chosen && <Candidates key={`${value.from} ${chosen.id} ${value.status}`} value={value} count={count} onPick={(picked) => change({ picked })} />}
        <div className="grid gap-4 sm:grid-cols-2">
          <Field label={t("priority")} hint={t("priorityHint")}><Input min={-1000} max={1000} step={1} placeholder="0" {...numberAt(draft, "/priority")} /></Field>
          <Field label={t("keepFor")}><PickPeople value={value.assignees} onChange={(assignees) => change({ assignees })} /></Field>
        </div>
        {asked.length > 0 && (
          <div className="grid gap-2">
            <label className="flex items-start gap-2 text-sm">
              <Checkbox className="mt-0.5" checked={value.isGold} onChange={(event) => change({ isGold: event.target.checked })} />
              <span>{t("gold")}<span className="block text-xs text-muted">{t("goldHint")}</span></span>
            </label>
            {value.isGold && <QuestionList questions={asked} answers={value.gold} active={active} onActive={setActive} onChange={(key, answered) => change({ gold: { ...value.gold, [key]: answered } })} />}
          </div>
        )}
      </DraftForm>
    </Sheet>
  );
}

/** The names of a campaign's metrics: their kinds, where they have no own. */
const metricsOf = (campaign: Campaign) => campaign.spec.metrics.map((metric) => metric.name ?? metric.kind);

function Statuses() {
  const r = useText(reviewTexts);
  return (["failed", "passed", "error"] as const).map((one) => <option key={one} value={one}>{r(one)}</option>);
}

/** The rows of a campaign or a dataset, of which all are taken until somebody picks. */
function Candidates({ value, count, onPick }: { value: Value; count: number; onPick(picked: string[] | null): void }) {
  const t = useText(queueFormTexts);
  const [picking, setPicking] = useState(false);
  const list = usePages<Row>({ key: ["review-candidates"], path: path(value), query: { status: value.from === "campaign" ? value.status : null }, enabled: picking });
  const rows = candidatesOf(value, list.rows);
  const picked = new Set(value.picked ?? []);
  if (!picking) {
    return <p className="flex items-center gap-2 text-sm text-muted">{t("pickAll", { n: count })}<Button size="sm" onClick={() => { setPicking(true); onPick([]); }}>{t("pick")}</Button></p>;
  }
  return (
    <div className="grid gap-1.5">
      <p className="flex items-center gap-2 text-sm text-muted">{t("picked", { n: picked.size })}<Button size="sm" onClick={() => { setPicking(false); onPick(null); }}>{t("pickEvery")}</Button></p>
      <ul className="card max-h-64 overflow-y-auto">
        {rows.map((row) => (
          <li key={row.id}>
            <label className="flex items-center gap-2 px-3 py-1.5 text-sm hover:bg-sunken">
              <Checkbox checked={picked.has(row.id)} onChange={(event) => onPick(event.target.checked ? [...picked, row.id] : [...picked].filter((id) => id !== row.id))} />
              <span className="truncate">{row.text}</span>
            </label>
          </li>
        ))}
        {list.data && rows.length === 0 && <li className="px-3 py-2 text-sm text-muted">{t("nothing")}</li>}
      </ul>
      {list.hasNextPage && <div><Button size="sm" busy={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>{t("loadMore")}</Button></div>}
    </div>
  );
}
