import { Link, useParams } from "@tanstack/react-router";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { ExternalLink } from "lucide-react";
import { request, type Schemas } from "@/api/client";
import { usePages } from "@/api/pages";
import { Trouble, UserLink, When } from "@/features/traces/cells";
import { chatOf, textOf } from "@/lib/chat";
import { Comments, useComments } from "@/features/traces/Comments";
import type { Trace } from "@/features/traces/live";
import { LongText } from "@/features/traces/Payload";
import { type Score, useScoresOf, valueText } from "@/features/traces/scores";
import { ScoresPanel } from "@/features/traces/ScoresPanel";
import { useText } from "@/i18n";
import { compact, cost, duration, number } from "@/lib/format";
import { useUrlState } from "@/lib/url-state";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { Page } from "@/ui/page";
import { Facts } from "@/ui/section";
import { Empty, ErrorState, Loading } from "@/ui/states";
import { Tabs } from "@/ui/tabs";
import { sessionTexts } from "./i18n";

/** One conversation, turn by turn. */
export default function SessionPage() {
  const { id } = useParams({ strict: false }) as { id: string };
  const t = useText(sessionTexts);
  const [{ tab }, set] = useUrlState({ tab: "conversation" });
  const part = tab === "scores" || tab === "comments" ? tab : "conversation";
  const head = useQuery({
    queryKey: ["sessions", "one", id],
    queryFn: async ({ signal }) => (await request<Schemas["TraceSessionPage"]>("GET", "/api/v1/sessions", { query: { session_id: id, limit: 1 }, signal })).data.data[0] ?? null,
  });
  const scores = usePages<Score>({ key: ["scores", "session", id], path: "/api/v1/scores", query: { session_id: id } });
  const subject = { object_type: "session", object_id: id } as const;
  const comments = useComments(subject);
  const one = head.data;
  const count = (n: number) => (n > 0 ? <span className="ml-1 rounded-full bg-sunken px-1.5 text-2xs text-muted tabular-nums">{n}</span> : null);
  return (
    <Page
      title={id} back={{ to: "/sessions", label: t("allSessions") }}
      description={one && <Facts facts={[
        [t("traces"), number(one.trace_count)], [t("tokens"), compact((one.usage.input ?? 0) + (one.usage.output ?? 0))], [t("cost"), cost(one.total_cost_usd)],
        [t("lasted"), duration(Date.parse(one.last_at) - Date.parse(one.first_at))], [t("environment"), one.environment], [t("last"), <When at={one.last_at} />],
      ]} />}
    >
      <Tabs
        label={id} value={part} onChange={(next) => set({ tab: next }, { push: true })}
        tabs={[
          { value: "conversation", label: t("conversation") },
          { value: "scores", label: <>{t("scores")}{count(scores.rows.length)}</> },
          { value: "comments", label: <>{t("comments")}{count(comments.rows.length)}</> },
        ]}
      >
        {part === "conversation" && <Conversation session={id} />}
        {part === "scores" && <div className="max-w-3xl">{scores.error ? <ErrorState error={scores.error} onRetry={() => void scores.refetch()} /> : <ScoresPanel scores={scores.rows} of={{ trace_id: "", session_id: id }} />}</div>}
        {part === "comments" && <div className="max-w-3xl"><Comments subject={subject} /></div>}
      </Tabs>
    </Page>
  );
}

const AT_ONCE = 50;

function Conversation({ session }: { session: string }) {
  const t = useText(sessionTexts);
  const turns = usePages<Trace>({ key: ["traces", "session", session], path: "/api/v1/traces", query: { session_id: session, sort: "timestamp" }, limit: AT_ONCE });
  if (turns.error && turns.rows.length === 0) return <ErrorState error={turns.error} onRetry={() => void turns.refetch()} />;
  if (turns.isPending) return <Loading />;
  if (turns.rows.length === 0) return <Empty title={t("noTurns")} />;
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-4">
      <ol aria-label={t("conversation")} className="grid grid-cols-[minmax(0,1fr)] gap-3">
        {turns.rows.map((one, at) => <Turn key={one.id} n={at + 1} trace={one} />)}
      </ol>
      {turns.hasNextPage && <div><Button busy={turns.isFetchingNextPage} onClick={() => void turns.fetchNextPage()}>{t("more")}</Button></div>}
    </div>
  );
}

function Turn({ n, trace }: { n: number; trace: Trace }) {
  const t = useText(sessionTexts);
  const scores = useScoresOf(trace.id);
  const [said, answered] = useMemo(() => [textOf(trace.input, "user"), textOf(trace.output, "assistant")], [trace]);
  // Each trace may hold the whole conversation so far; the system's word is no turn.
  const isCode = chatOf(trace.output) === null && typeof trace.output === "object" && trace.output !== null;
  return (
    <li className="grid gap-3 lg:grid-cols-[minmax(0,1fr)_17rem]">
      <div className="grid grid-cols-[minmax(0,1fr)] content-start gap-2">
        <div className="mr-10 rounded-lg rounded-tl-sm border border-line bg-surface px-3 py-2 text-sm"><LongText text={said} /></div>
        <div className="ml-10 rounded-lg rounded-tr-sm bg-accent-soft px-3 py-2 text-sm">
          {answered === "" ? <span className="text-muted">{t("noAnswer")}</span> : isCode ? <pre className="font-mono text-xs wrap-anywhere whitespace-pre-wrap">{answered}</pre> : <LongText text={answered} />}
        </div>
      </div>
      <aside className="grid content-start gap-1.5 text-xs text-muted">
        <p className="flex flex-wrap items-center gap-x-2">
          <span className="font-semibold tabular-nums">{n}</span>
          <Link to={`/traces/${encodeURIComponent(trace.id)}`} className="inline-flex items-center gap-1 font-medium text-accent hover:underline" aria-label={`${trace.name ?? ""} ${t("openTrace")} ${n}`}>{trace.name ?? t("openTrace")}<ExternalLink aria-hidden className="size-3" /></Link>
          <When at={trace.timestamp} />
        </p>
        <p className="flex flex-wrap gap-x-3 tabular-nums">
          <span>{duration(trace.latency_ms)}</span>
          {trace.usage && <span>{compact(trace.usage.input + trace.usage.output)} {t("tokens").toLowerCase()}</span>}
          {trace.total_cost_usd !== null && <span>{cost(trace.total_cost_usd)}</span>}
          <UserLink id={trace.user_id} />
        </p>
        <Trouble errors={trace.error_count} warnings={trace.warning_count} />
        {scores.length > 0 && (
          <ul aria-label={t("traceScores")} className="flex flex-wrap gap-1">
            {scores.map((one) => <li key={one.id}><Badge className="max-w-64" ><span className="truncate" title={one.comment ?? one.name}>{one.name}</span><span className="text-ink tabular-nums">{valueText(one).slice(0, 40)}</span></Badge></li>)}
          </ul>
        )}
      </aside>
    </li>
  );
}
