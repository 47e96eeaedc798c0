import { useMemo } from "react";
import { Bot, SquarePlay, User, Wrench } from "lucide-react";
import type { Schemas } from "@/api/client";
import { useMay } from "@/api/me";
import type { Told } from "@/features/campaigns/detail/useCampaignEvents";
import { useText } from "@/i18n";
import { contentText, picturesOf } from "@/lib/content";
import { cx } from "@/lib/cx";
import { ButtonLink } from "@/ui/button";
import { JsonView } from "@/ui/json-view";
import { Markdown } from "@/ui/markdown";
import { Empty } from "@/ui/states";
import { goesOn, type Run, type Streaming } from "./data";
import { Folded } from "./Folded";
import { runTexts } from "./i18n";
import { ScoreCard } from "./ScoreCard";
import { scoredAt, type Turn, turnsOf, withSaid } from "./turns";

/** What was said, turn by turn, with the scores beside the turn that they judge. */
export function Conversation({ run, events, streaming }: { run: Run; events: readonly Told[]; streaming: Streaming | null }) {
  const t = useText(runTexts);
  const mayTalk = useMay("evaluations_run");
  const turns = useMemo(() => turnsOf(goesOn(run) ? withSaid(run.messages, events) : run.messages), [run, events]);
  const places = useMemo(() => scoredAt(events), [events]);
  const last = turns.at(-1)?.number ?? 0;
  const at = (turn: number) => run.scores.filter((score) => Math.min(places.get(score.name) ?? last, last) === turn);
  if (turns.length === 0 && !streaming) return <div className="card"><Empty title={t("noMessages")} /></div>;
  return (
    <ol className="grid gap-3">
      {turns.map((turn, index) => (
        <li key={index} className="grid gap-3 lg:grid-cols-[minmax(0,1fr)_22rem]">
          <div className="card grid min-w-0 content-start gap-3 self-start p-4">
            <TurnMessages turn={turn} />
            {index === turns.length - 1 && streaming && goesOn(run) && <Bubble role="assistant" live><p className="whitespace-pre-wrap">{streaming.text}</p></Bubble>}
            {index === turns.length - 1 && !streaming && run.status === "running" && <p role="status" className="text-sm text-muted"><span aria-hidden className="mr-2 inline-block size-2 animate-pulse rounded-full bg-copper align-middle" />{t("thinking")}</p>}
            {mayTalk && turn.number > 0 && turn.messages[0]?.role === "user" && (
              <div><ButtonLink size="sm" variant="ghost" to="/playground" search={{ run: run.run_id, turn: String(turn.number) } as never}><SquarePlay aria-hidden />{t("inPlayground")}<span className="sr-only">: {t("turnN", { n: turn.number })}</span></ButtonLink></div>
            )}
          </div>
          <Judged run={run} scores={at(turn.number)} whole={turn.number === last && last > 1} isLast={turn.number === last} />
        </li>
      ))}
    </ol>
  );
}

function Judged({ run, scores, whole, isLast }: { run: Run; scores: readonly Schemas["MetricResult"][]; whole: boolean; isLast: boolean }) {
  const t = useText(runTexts);
  if (scores.length === 0) return isLast && !goesOn(run) && run.scores.length === 0 ? <p className="text-sm text-muted">{t("noScores")}</p> : <span className="hidden lg:block" />;
  return (
    <section aria-label={whole ? t("wholeConversation") : t("scoresHere")} className="grid content-start gap-2">
      {whole && <h2 className="label">{t("wholeConversation")}</h2>}
      {scores.map((score) => <ScoreCard key={score.name} run={run} score={score} />)}
      {isLast && run.expected_output && (
        <div className="card p-3 text-sm"><h3 className="label mb-1">{t("expected")}</h3><Folded text={run.expected_output} /></div>
      )}
    </section>
  );
}

function TurnMessages({ turn }: { turn: Turn }) {
  const t = useText(runTexts);
  return turn.messages.map((message, index) => {
    const text = contentText(message.content, t("picture"));
    return (
      <Bubble key={index} role={message.role}>
        {message.tool_calls?.map((call, at) => <Tool key={at} call={call} />)}
        {message.role === "assistant" ? <Markdown text={text || t("empty")} /> : <p className="wrap-anywhere whitespace-pre-wrap">{text || t("empty")}</p>}
        {picturesOf(message.content).map((url) => <img key={url.slice(0, 80)} src={url} alt={t("picture")} className="max-h-64 w-fit rounded-md border border-line" />)}
        {message.retrieval_context && message.retrieval_context.length > 0 && (
          <details className="text-xs text-muted">
            <summary>{t("retrieved", { n: message.retrieval_context.length })}</summary>
            <ul className="mt-1 grid gap-1">{message.retrieval_context.map((passage, at) => <li key={at} className="rounded-md bg-sunken px-2 py-1 wrap-anywhere whitespace-pre-wrap"><Folded text={contentText(passage, t("picture"))} /></li>)}</ul>
          </details>
        )}
      </Bubble>
    );
  });
}

const ICONS = { user: User, assistant: Bot, system: Wrench, tool: Wrench };

function Bubble({ role, live, children }: { role: Schemas["Role2"]; live?: boolean; children: React.ReactNode }) {
  const t = useText(runTexts);
  const Icon = ICONS[role];
  return (
    <div className="grid grid-cols-[1.5rem_minmax(0,1fr)] gap-2.5" aria-live={live ? "off" : undefined}>
      <span className={cx("mt-0.5 grid size-6 place-items-center rounded-full", role === "assistant" ? "bg-accent-soft text-accent-strong" : "bg-sunken text-muted")}><Icon aria-hidden className="size-3.5" /></span>
      <div className="grid min-w-0 gap-1.5">
        <span className="label">{t(role)}{live && <span aria-hidden className="ml-2 inline-block size-2 animate-pulse rounded-full bg-copper align-middle" />}</span>
        <div className="grid gap-2">{children}</div>
      </div>
    </div>
  );
}

function Tool({ call }: { call: Schemas["ToolCall"] }) {
  const t = useText(runTexts);
  return (
    <details className="rounded-md border border-line bg-canvas px-3 py-1.5 text-sm">
      <summary className="truncate"><Wrench aria-hidden className="mr-1.5 inline size-3.5 text-muted" /><span className="font-mono text-xs font-medium">{call.name}</span> <span className="font-mono text-xs text-muted">{call.input_parameters == null ? "" : JSON.stringify(call.input_parameters)}</span></summary>
      <div className="mt-2 grid gap-2">
        {call.input_parameters != null && <div><p className="label mb-1">{t("input")}</p><JsonView value={call.input_parameters} search={false} /></div>}
        {call.output === undefined ? <p className="text-xs text-muted">{t("noOutput")}</p> : <div><p className="label mb-1">{t("output")}</p><JsonView value={call.output} search={false} /></div>}
      </div>
    </details>
  );
}
