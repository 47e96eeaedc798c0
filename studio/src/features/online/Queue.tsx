import { Link } from "@tanstack/react-router";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { History, RotateCcw } from "lucide-react";
import { request } from "@/api/client";
import { ApiError } from "@/api/error";
import { useMay } from "@/api/me";
import { usePages } from "@/api/pages";
import { When } from "@/features/traces/cells";
import { useText } from "@/i18n";
import { ago, cost, number } from "@/lib/format";
import { instant, typedOf } from "@/lib/time-range";
import { useUrlState } from "@/lib/url-state";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { type Column, DataTable } from "@/ui/data-table";
import { Dialog } from "@/ui/dialog";
import { Field, FieldErrors } from "@/ui/field";
import { Checkbox, Input, Select } from "@/ui/input";
import { Empty, ErrorState, Loading, messageOf } from "@/ui/states";
import { toast, toastError } from "@/ui/toast";
import { ruleTexts } from "./i18n";
import type { Rule } from "./kind";
import { type Entry, STATE_TONES, STATES, useSummary } from "./entries";

/** What a rule picked, and what became of it. */
export function Queue({ rule }: { rule: Rule }) {
  const t = useText(ruleTexts);
  const [{ state }, set] = useUrlState({ state: "" });
  const mayRun = useMay("evaluations_run");
  const [dialog, setDialog] = useState<"retry" | "backfill" | null>(null);
  const summary = useSummary();
  const list = usePages<Entry>({ key: ["evaluation-queue", "list"], path: "/api/v1/evaluation-queue", query: { rule_id: rule.id, state }, refetchInterval: 5000 });
  const again = useRetry(rule.id);
  const own = summary.data?.get(rule.id);
  const columns = useMemo<Column<Entry>[]>(() => [
    { id: "trace", header: t("trace"), width: 280, cell: (one) => <Link to={`/traces/${encodeURIComponent(one.trace_id)}`} search={{ tab: "scores" } as never} className="font-mono text-xs hover:text-accent hover:underline">{one.trace_id}</Link> },
    { id: "state", header: t("state"), width: 130, cell: (one) => <Badge dot tone={STATE_TONES[one.state]}>{t(one.state)}</Badge> },
    { id: "reason", header: t("reason"), grow: true, width: 240, cell: (one) => <span className="text-muted" title={one.reason ?? undefined}>{one.reason}</span> },
    { id: "tries", header: t("tries"), width: 70, align: "end", cell: (one) => number(one.attempts) },
    { id: "changed", header: t("changed"), width: 130, cell: (one) => <When at={one.updated_at} /> },
    ...(mayRun ? [{
      id: "retry", header: "", width: 56, align: "end" as const,
      cell: (one: Entry) => one.state === "done" || one.state === "failed" || one.state === "skipped"
        ? <Button variant="ghost" size="icon-sm" aria-label={`${t("retryOne")}: ${one.trace_id}`} title={t("retryOne")} onClick={() => again.mutate({ trace_ids: [one.trace_id], states: [one.state] })}><RotateCcw aria-hidden /></Button> : null,
    }] : []),
  ], [t, mayRun, again]);
  if (list.error && list.rows.length === 0) return <ErrorState error={list.error} onRetry={() => void list.refetch()} />;
  if (list.isPending) return <Loading />;
  const cardOf = (one: (typeof STATES)[number]) => (
    <button
      key={one} type="button" aria-pressed={state === one} onClick={() => set({ state: state === one ? "" : one })}
      className="card px-3 py-2 text-left hover:border-edge aria-pressed:border-accent aria-pressed:bg-accent-soft"
    >
      <span className="label block">{t(one)}</span>
      <span className="block text-xl font-semibold tabular-nums">{number(own?.counts[one] ?? 0)}</span>
    </button>
  );
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-3">
      {own?.paused && <p role="status" className="rounded-md bg-warn-soft px-3 py-2 text-sm text-warn"><span className="font-medium">{t("paused")}:</span> {own.paused}</p>}
      <div className="grid grid-cols-3 gap-2 lg:grid-cols-7">
        {STATES.map(cardOf)}
        <div className="card px-3 py-2">
          <span className="label block">{t("spent")}</span>
          <span className="block text-xl font-semibold tabular-nums">{cost(own?.cost_usd_today ?? 0)}</span>
          <span className="text-xs text-muted">{t("calls", { n: own?.judge_calls_today ?? 0 })}</span>
        </div>
      </div>
      <DataTable
        name="evaluation-queue" label={t("queue")} rows={list.rows} columns={columns} rowId={(one) => one.trace_id}
        onEnd={() => void list.fetchNextPage()} hasMore={list.hasNextPage} loadingMore={list.isFetchingNextPage}
        toolbar={<>
          <Select aria-label={t("states")} className="w-40" value={state} onChange={(event) => set({ state: event.target.value })}>
            <option value="">{t("allStates")}</option>
            {STATES.map((one) => <option key={one} value={one}>{t(one)}</option>)}
          </Select>
          {mayRun && <Button onClick={() => setDialog("retry")}><RotateCcw aria-hidden />{t("retry")}</Button>}
          {mayRun && <Button onClick={() => setDialog("backfill")}><History aria-hidden />{t("backfill")}</Button>}
          <span className="text-xs text-muted">{own?.oldest_ready_at ? t("oldest", { when: ago(own.oldest_ready_at) }) : t("queueText")}</span>
        </>}
        empty={state ? <Empty title={t("nothing")} /> : <Empty action={mayRun && <Button onClick={() => setDialog("backfill")}>{t("backfill")}</Button>}>{t("emptyQueue")}</Empty>}
      />
      {dialog === "retry" && <Retry rule={rule.id} onClose={() => setDialog(null)} />}
      {dialog === "backfill" && <Backfill rule={rule.id} onClose={() => setDialog(null)} />}
    </div>
  );
}

function useRetry(rule: string) {
  const t = useText(ruleTexts);
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (what: { trace_ids?: string[]; states: string[] }) => (await request<{ requeued: number }>("POST", "/api/v1/evaluation-queue/retry", { body: { rule_id: rule, ...what } })).data,
    onSuccess: async ({ requeued }) => { toast(t("requeued", { n: requeued })); await client.invalidateQueries({ queryKey: ["evaluation-queue"] }); },
    onError: (error) => toastError(messageOf(error, t("failedText"))),
  });
}

const ENDED = ["failed", "skipped", "done"] as const;

function Retry({ rule, onClose }: { rule: string; onClose(): void }) {
  const t = useText(ruleTexts);
  const again = useRetry(rule);
  const [states, setStates] = useState<readonly string[]>(["failed"]);
  return (
    <Dialog
      open onClose={onClose} title={t("retry")} description={t("retryText")}
      actions={<><Button onClick={onClose}>{t("cancel")}</Button><Button variant="primary" busy={again.isPending} disabled={states.length === 0} onClick={() => again.mutate({ states: [...states] }, { onSuccess: onClose })}>{t("start")}</Button></>}
    >
      <fieldset className="grid gap-2">
        <legend className="mb-1 text-sm font-medium">{t("states")}</legend>
        {ENDED.map((one) => (
          <label key={one} className="flex items-center gap-2 text-sm">
            <Checkbox checked={states.includes(one)} onChange={(event) => setStates(event.target.checked ? [...states, one] : states.filter((other) => other !== one))} />{t(one)}
          </label>
        ))}
      </fieldset>
    </Dialog>
  );
}

function Backfill({ rule, onClose }: { rule: string; onClose(): void }) {
  const t = useText(ruleTexts);
  const client = useQueryClient();
  const [from, setFrom] = useState(() => typedOf(new Date(Date.now() - 7 * 86_400_000).toISOString()));
  const [to, setTo] = useState(() => typedOf(new Date(Date.now() + 60_000).toISOString()));
  const [most, setMost] = useState("100");
  const fill = useMutation({
    mutationFn: async () => (await request<{ matched: number; enqueued: number }>("POST", "/api/v1/evaluation-queue/backfill", { body: { rule_id: rule, from: instant(from), to: instant(to), ...(most === "" ? {} : { limit: Number(most) }) } })).data,
    onSuccess: async (found) => { toast(t("matched", found)); await client.invalidateQueries({ queryKey: ["evaluation-queue"] }); onClose(); },
  });
  const fields = fill.error instanceof ApiError ? fill.error.fields : new Map<string, string>();
  return (
    <Dialog
      open onClose={onClose} title={t("backfill")} description={t("backfillText")}
      actions={<><Button onClick={onClose}>{t("cancel")}</Button><Button variant="primary" busy={fill.isPending} onClick={() => fill.mutate()}>{t("start")}</Button></>}
    >
      <FieldErrors value={fields}>
        <div className="grid gap-3 sm:grid-cols-2">
          <Field label={t("from")} pointer="/from"><Input type="datetime-local" value={from} onChange={(event) => setFrom(event.target.value)} /></Field>
          <Field label={t("to")} pointer="/to"><Input type="datetime-local" value={to} onChange={(event) => setTo(event.target.value)} /></Field>
          <Field label={t("most")} pointer="/limit"><Input type="number" min={1} max={10000} value={most} onChange={(event) => setMost(event.target.value)} /></Field>
        </div>
        {fill.error && fields.size === 0 && <p role="alert" className="mt-3 text-sm text-bad">{messageOf(fill.error, t("failedText"))}</p>}
      </FieldErrors>
    </Dialog>
  );
}
