import { Link } from "@tanstack/react-router";
import { useMemo } from "react";
import { SquarePlay } from "lucide-react";
import { useMay } from "@/api/me";
import { useText } from "@/i18n";
import { cost, duration, exactTime, number } from "@/lib/format";
import { useUrlState } from "@/lib/url-state";
import { Badge, type Tone } from "@/ui/badge";
import { ButtonLink } from "@/ui/button";
import { JsonView } from "@/ui/json-view";
import { Facts } from "@/ui/section";
import { ErrorState, Loading } from "@/ui/states";
import { Tabs } from "@/ui/tabs";
import { SessionLink, Tags, UserLink } from "./cells";
import { Comments, type CommentSubject, useComments } from "./Comments";
import { type Observation, useObservation, useTraceScores } from "./data";
import { KindIcon, TraceIcon } from "./kinds";
import type { Trace } from "./live";
import { Payload, PayloadMode } from "./Payload";
import { ScoresPanel } from "./ScoresPanel";
import { detailTexts } from "./trace-i18n";

const LEVELS: Record<Observation["level"], Tone> = { DEBUG: "neutral", DEFAULT: "neutral", WARNING: "warn", ERROR: "bad" };
const PARTS = ["content", "metadata", "scores", "comments"] as const;
type PartName = (typeof PARTS)[number];

/** What is known of the chosen observation, or of the whole trace. */
export function Details({ trace, chosen }: { trace: Trace; chosen: string }) {
  const t = useText(detailTexts);
  const observation = useObservation(trace.id, chosen);
  return (
    <section aria-label={t("detail")} className="card flex h-(--pane) min-h-80 flex-col overflow-hidden max-lg:h-auto">
      {chosen === "" ? <TraceDetails trace={trace} />
        : observation.data ? <ObservationDetails observation={observation.data} />
        : <div className="px-4">{observation.error ? <ErrorState error={observation.error} onRetry={() => void observation.refetch()} /> : <Loading />}</div>}
    </section>
  );
}

function TraceDetails({ trace }: { trace: Trace }) {
  const t = useText(detailTexts);
  return (
    <>
      <Head icon={<TraceIcon />} name={t("wholeTrace")}>
        <Facts facts={[
          [t("latency"), duration(trace.latency_ms)], [t("cost"), cost(trace.total_cost_usd)],
          [t("tokens"), trace.usage ? t("inOut", { in: number(trace.usage.input), out: number(trace.usage.output) }) : null],
          [t("environment"), trace.environment && <Badge>{trace.environment}</Badge>],
          [t("user"), trace.user_id && <UserLink id={trace.user_id} />], [t("session"), trace.session_id && <SessionLink id={trace.session_id} />],
          [t("release"), trace.release], [t("version"), trace.version], [t("tags"), trace.tags.length > 0 && <Tags tags={trace.tags} />],
        ].map(([name, value]) => [name, value || null])} />
      </Head>
      <Body trace={trace.id} observation={null} input={trace.input} output={trace.output} metadata={trace.metadata} subject={{ object_type: "trace", object_id: trace.id }} />
    </>
  );
}

function ObservationDetails({ observation: one }: { observation: Observation }) {
  const t = useText(detailTexts);
  const mayRun = useMay("evaluations_run");
  const firstToken = one.completion_start_time ? Date.parse(one.completion_start_time) - Date.parse(one.start_time) : null;
  return (
    <>
      <Head icon={<KindIcon kind={one.type} className="size-4" />} name={one.name} extra={one.level !== "DEFAULT" && <Badge dot tone={LEVELS[one.level]}>{one.level}</Badge>}>
        <Facts facts={[
          [t("type"), one.type.toLowerCase()], [t("model"), one.model],
          [t("latency"), one.type === "EVENT" ? null : one.end_time ? duration(one.latency_ms) : t("running")],
          [t("firstToken"), firstToken === null ? null : duration(firstToken)],
          [t("tokens"), one.usage ? t("inOut", { in: number(one.usage.input), out: number(one.usage.output) }) : null],
          [t("cost"), one.cost_usd === null ? null : cost(one.cost_usd)],
          [t("prompt"), one.prompt_name && `${one.prompt_name}${one.prompt_version === null ? "" : ` v${one.prompt_version}`}`],
          [t("began"), <time dateTime={one.start_time}>{exactTime(one.start_time)}</time>],
        ]} />
        {one.type === "GENERATION" && mayRun && <div><ButtonLink size="sm" to="/playground" search={{ trace: one.trace_id, obs: one.id } as never}><SquarePlay aria-hidden />{t("replay")}</ButtonLink></div>}
        {one.status_message && <p className={one.level === "ERROR" ? "rounded-md bg-bad-soft px-2.5 py-1.5 text-sm wrap-anywhere whitespace-pre-wrap text-bad" : "text-sm wrap-anywhere whitespace-pre-wrap text-muted"}>{one.status_message}</p>}
      </Head>
      <Body
        key={one.id} trace={one.trace_id} observation={one} input={one.input} output={one.output} metadata={one.metadata}
        subject={{ object_type: "observation", object_id: one.id, trace_id: one.trace_id }}
      />
    </>
  );
}

const Head = ({ icon, name, extra, children }: { icon: React.ReactNode; name: string; extra?: React.ReactNode; children: React.ReactNode }) => (
  <header className="grid gap-1.5 px-4 pt-3">
    <h2 className="flex items-center gap-2 font-semibold">{icon}<span className="min-w-0 truncate" title={name}>{name}</span>{extra}</h2>
    {children}
  </header>
);

function Body({ trace, observation, input, output, metadata, subject }: {
  trace: string; observation: Observation | null; input: unknown; output: unknown; metadata: unknown; subject: CommentSubject;
}) {
  const t = useText(detailTexts);
  const [{ tab }, set] = useUrlState({ tab: "content" });
  const part: PartName = PARTS.find((one) => one === tab) ?? "content";
  const all = useTraceScores(trace);
  const comments = useComments(subject);
  const id = observation?.id ?? null;
  // The whole trace has the scores of its observations too: they are what lists show beside it.
  const scores = useMemo(() => (id === null ? [...all.rows].sort((a, b) => Number(a.observation_id !== null) - Number(b.observation_id !== null)) : all.rows.filter((one) => one.observation_id === id)), [all.rows, id]);
  const count = (n: number) => (n > 0 ? <span className="ml-1 rounded-full bg-sunken px-1.5 text-2xs text-muted tabular-nums">{n}</span> : null);
  return (
    <Tabs
      label={t("detail")} value={part} onChange={(next) => set({ tab: next })}
      className="flex min-h-0 flex-1 flex-col [&>[role=tablist]]:shrink-0 [&>[role=tablist]]:px-4 [&>[role=tabpanel]]:min-h-0 [&>[role=tabpanel]]:flex-1 [&>[role=tabpanel]]:overflow-y-auto [&>[role=tabpanel]]:px-4 [&>[role=tabpanel]]:pb-4"
      tabs={[
        { value: "content", label: t("content") }, { value: "metadata", label: t("metadata") },
        { value: "scores", label: <>{t("scores")}{count(scores.length)}</> }, { value: "comments", label: <>{t("comments")}{count(comments.rows.length)}</> },
      ]}
    >
      {part === "content" && (
        <div className="grid gap-4">
          <div className="-mb-2 flex justify-end"><PayloadMode /></div>
          <Payload title={t("input")} value={input} />
          <Payload title={t("output")} value={output} />
        </div>
      )}
      {part === "metadata" && <Metadata metadata={metadata} observation={observation} trace={trace} />}
      {part === "scores" && (all.error ? <ErrorState error={all.error} onRetry={() => void all.refetch()} /> : <ScoresPanel scores={scores} of={{ trace_id: trace, observation_id: id }} />)}
      {part === "comments" && <Comments subject={subject} />}
    </Tabs>
  );
}

const isEmpty = (value: unknown) => value === null || value === undefined || (typeof value === "object" && Object.keys(value).length === 0);

function Metadata({ metadata, observation, trace }: { metadata: unknown; observation: Observation | null; trace: string }) {
  const t = useText(detailTexts);
  const parts: [string, unknown][] = [[t("metadata"), metadata]];
  if (observation) parts.push([t("parameters"), observation.model_parameters], [t("usage"), observation.usage_details], [t("costs"), observation.cost_details], [t("experiment"), observation.experiment]);
  const shown = parts.filter(([, value]) => !isEmpty(value));
  return (
    <div className="grid gap-4">
      {shown.length === 0 && <p className="text-sm text-muted">{t("noMetadata")}</p>}
      {shown.map(([name, value]) => <section key={name} className="grid gap-1.5"><h3 className="text-sm font-semibold">{name}</h3><JsonView label={name} value={value} open={3} /></section>)}
      <Facts className="grid gap-1" facts={[
        [t("id"), <span className="font-mono text-xs select-all">{observation?.id ?? trace}</span>],
        [t("parent"), observation?.parent_id && <Link to="." search={((before: object) => ({ ...before, obs: observation.parent_id })) as never} className="font-mono text-xs text-accent hover:underline">{observation.parent_id}</Link>],
        [t("environment"), observation?.environment], [t("version"), observation?.version],
        [t("began"), observation && exactTime(observation.start_time)], [t("ended"), observation?.end_time && exactTime(observation.end_time)], [t("received"), observation && exactTime(observation.received_at)],
      ]} />
    </div>
  );
}
