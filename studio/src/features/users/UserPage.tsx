import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { Trash2 } from "lucide-react";
import { request, type Schemas } from "@/api/client";
import { useMay } from "@/api/me";
import { usePages } from "@/api/pages";
import { Series, useSeries } from "@/features/analytics/Series";
import { sessionTexts } from "@/features/sessions/i18n";
import { Preview, Trouble, When } from "@/features/traces/cells";
import type { Trace } from "@/features/traces/live";
import { useText } from "@/i18n";
import { compact, cost, duration, number } from "@/lib/format";
import { useUrlState } from "@/lib/url-state";
import { Button, ButtonLink } from "@/ui/button";
import { type Column, DataTable } from "@/ui/data-table";
import { Confirm } from "@/ui/dialog";
import { Field } from "@/ui/field";
import { Input } from "@/ui/input";
import { Page } from "@/ui/page";
import { Facts, Section } from "@/ui/section";
import { Empty, ErrorState, Loading, messageOf } from "@/ui/states";
import { Tabs } from "@/ui/tabs";
import { toast, toastError } from "@/ui/toast";

/** One end user: what they did, what it cost. */
export default function UserPage() {
  const { id } = useParams({ strict: false }) as { id: string };
  const t = useText(sessionTexts);
  const [{ tab }, set] = useUrlState({ tab: "overview" });
  const part = tab === "traces" || tab === "sessions" ? tab : "overview";
  const mayDelete = useMay("traces_write");
  const head = useQuery({
    queryKey: ["users", "one", id],
    queryFn: async ({ signal }) => (await request<Schemas["EndUserPage"]>("GET", "/api/v1/users", { query: { user_id: id, limit: 1 }, signal })).data.data[0] ?? null,
  });
  const one = head.data;
  return (
    <Page
      title={id} back={{ to: "/users", label: t("allUsers") }}
      description={one && <Facts facts={[
        [t("traces"), number(one.trace_count)], [t("sessionsCount"), number(one.session_count)], [t("tokens"), compact((one.usage.input ?? 0) + (one.usage.output ?? 0))], [t("cost"), cost(one.total_cost_usd)],
        [t("errors"), number(one.error_count)], [t("first"), <When at={one.first_at} />], [t("last"), <When at={one.last_at} />],
      ]} />}
      actions={<>
        <ButtonLink to="/traces" search={{ user_id: id, range: "" } as never}>{t("allTraces")}</ButtonLink>
        {mayDelete && one && <DeleteData id={id} />}
      </>}
    >
      {head.error ? <ErrorState error={head.error} onRetry={() => void head.refetch()} /> : head.isPending ? <Loading /> : one === null ? <Empty title={t("noTraces")} /> : (
        <Tabs
          label={id} value={part} onChange={(next) => set({ tab: next }, { push: true })}
          tabs={[{ value: "overview", label: t("overview") }, { value: "traces", label: t("traces") }, { value: "sessions", label: t("sessionsCount") }]}
        >
          {part === "overview" && <Overview id={id} />}
          {part === "traces" && <Traces id={id} />}
          {part === "sessions" && <Sessions id={id} />}
        </Tabs>
      )}
    </Page>
  );
}

function Overview({ id }: { id: string }) {
  const t = useText(sessionTexts);
  const filter = useMemo(() => [{ type: "string", column: "userId", operator: "=", value: id }], [id]);
  const series = useSeries({ view: "traces", metrics: [{ measure: "count", aggregation: "count" }, { measure: "totalCost", aggregation: "sum" }], filter, range: "30d", granularity: "day" });
  if (series.error) return <ErrorState error={series.error} onRetry={() => void series.refetch()} />;
  if (!series.data) return <Loading />;
  return (
    <div className="grid gap-4 lg:grid-cols-2">
      <Section title={t("activity")}><Series rows={series.data.rows} metric="count_count" label={t("activity")} format={compact} zero /></Section>
      <Section title={t("costs")}><Series rows={series.data.rows} metric="sum_totalCost" label={t("costs")} format={cost} zero /></Section>
    </div>
  );
}

function Traces({ id }: { id: string }) {
  const t = useText(sessionTexts);
  const navigate = useNavigate();
  const list = usePages<Trace>({ key: ["traces", "user", id], path: "/api/v1/traces", query: { user_id: id } });
  const columns = useMemo<Column<Trace>[]>(() => [
    { id: "last", header: t("last"), width: 130, cell: (one) => <When at={one.timestamp} /> },
    { id: "name", header: t("traces"), width: 200, cell: (one) => <Link to={`/traces/${encodeURIComponent(one.id)}`} className="font-medium hover:text-accent hover:underline">{one.name ?? one.id}</Link> },
    { id: "input", header: t("conversation"), grow: true, width: 240, cell: (one) => <Preview payload={one.input} role="user" /> },
    { id: "errors", header: t("errors"), width: 100, cell: (one) => <Trouble errors={one.error_count} warnings={0} /> },
    { id: "latency", header: t("latency"), width: 100, align: "end", cell: (one) => duration(one.latency_ms) },
    { id: "cost", header: t("cost"), width: 100, align: "end", cell: (one) => cost(one.total_cost_usd) },
  ], [t]);
  if (list.error && list.rows.length === 0) return <ErrorState error={list.error} onRetry={() => void list.refetch()} />;
  if (list.isPending) return <Loading />;
  return <DataTable name="user.traces" label={t("traces")} rows={list.rows} columns={columns} rowId={(one) => one.id} onOpen={(one) => void navigate({ to: `/traces/${encodeURIComponent(one.id)}` })} onEnd={() => void list.fetchNextPage()} hasMore={list.hasNextPage} loadingMore={list.isFetchingNextPage} empty={<Empty title={t("noTraces")} />} />;
}

function Sessions({ id }: { id: string }) {
  const t = useText(sessionTexts);
  const navigate = useNavigate();
  const list = usePages<Schemas["TraceSession"]>({ key: ["sessions", "user", id], path: "/api/v1/sessions", query: { user_id: id } });
  const columns = useMemo<Column<Schemas["TraceSession"]>[]>(() => [
    { id: "id", header: t("id"), grow: true, width: 240, cell: (one) => <Link to={`/sessions/${encodeURIComponent(one.id)}`} className="font-mono text-xs font-medium hover:text-accent hover:underline">{one.id}</Link> },
    { id: "traces", header: t("traces"), width: 90, align: "end", cell: (one) => number(one.trace_count) },
    { id: "cost", header: t("cost"), width: 110, align: "end", cell: (one) => cost(one.total_cost_usd) },
    { id: "last", header: t("last"), width: 140, cell: (one) => <When at={one.last_at} /> },
  ], [t]);
  if (list.error && list.rows.length === 0) return <ErrorState error={list.error} onRetry={() => void list.refetch()} />;
  if (list.isPending) return <Loading />;
  return <DataTable name="user.sessions" label={t("sessionsCount")} rows={list.rows} columns={columns} rowId={(one) => one.id} onOpen={(one) => void navigate({ to: `/sessions/${encodeURIComponent(one.id)}` })} onEnd={() => void list.fetchNextPage()} hasMore={list.hasNextPage} loadingMore={list.isFetchingNextPage} empty={<Empty>{t("emptySessions")}</Empty>} />;
}

/** Deletes all that is known of somebody, as the law may ask for: what is typed must be the id, since nothing brings it back. */
function DeleteData({ id }: { id: string }) {
  const t = useText(sessionTexts);
  const navigate = useNavigate();
  const client = useQueryClient();
  const [open, setOpen] = useState(false);
  const [typed, setTyped] = useState("");
  const remove = useMutation({
    mutationFn: async () => (await request<{ deleted: number }>("DELETE", `/api/v1/users/${encodeURIComponent(id)}`)).data,
    onSuccess: async ({ deleted }) => {
      toast(t("deleted", { n: deleted }));
      for (const kind of ["users", "traces", "sessions"]) await client.invalidateQueries({ queryKey: [kind, "list"] });
      void navigate({ to: "/users" });
    },
    onError: (error) => toastError(messageOf(error, t("failed"))),
  });
  return (
    <>
      <Button variant="danger" onClick={() => { setTyped(""); setOpen(true); }}><Trash2 aria-hidden />{t("deleteData")}</Button>
      <Confirm
        open={open} onClose={() => setOpen(false)} danger busy={remove.isPending || typed !== id} title={t("deleteTitle", { name: id })} description={t("deleteText")}
        confirm={t("delete")} onConfirm={() => remove.mutate()}
      >
        <Field label={t("confirmId")}><Input value={typed} autoComplete="off" spellCheck={false} onChange={(event) => setTyped(event.target.value)} /></Field>
      </Confirm>
    </>
  );
}
