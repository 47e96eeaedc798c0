import { useMemo, useState } from "react";
import { Database, MessageSquarePlus, RotateCcw, TriangleAlert } from "lucide-react";
import { useText } from "@/i18n";
import { cx } from "@/lib/cx";
import { cost, duration, NOTHING, number } from "@/lib/format";
import { preference } from "@/lib/preference";
import { Badge, type Tone } from "@/ui/badge";
import { Button } from "@/ui/button";
import { CopyButton } from "@/ui/copy";
import { JsonView } from "@/ui/json-view";
import { Markdown } from "@/ui/markdown";
import { Facts } from "@/ui/section";
import { playgroundTexts } from "./i18n";
import type { Outcome } from "./types";
import type { Result } from "./useRuns";

const MODES = ["markdown", "plain", "json"] as const;
const mode = preference<(typeof MODES)[number]>("assay.playground.show", MODES, () => "markdown");

/** What the model said, as it comes and when it is there. */
export function ResultView({ letter, result, placed, onRetry, onAppend, onDataset }: {
  letter: string;
  result: Result;
  /** Whether a complaint stands at a field already. */
  placed(pointer: string): boolean;
  onRetry(): void;
  onAppend(text: string): void;
  onDataset: (() => void) | null;
}) {
  const t = useText(playgroundTexts);
  const { outcome } = result;
  const [used, setUsed] = useState<Outcome | null>(null);
  const running = outcome.state === "running";
  const failed = outcome.state === "failed" || (outcome.state === "done" && !outcome.reply.ok);
  return (
    <section aria-label={t("answerOf", { letter })} aria-busy={running || undefined} className="grid min-w-0 grid-cols-1 gap-2.5 border-t border-line bg-canvas/60 p-3">
      <Announced letter={letter} outcome={outcome} />
      {!running && outcome.text !== "" && <Head text={outcome.text} />}
      <Words outcome={outcome} />
      {outcome.state === "done" && <Numbers outcome={outcome} />}
      {outcome.state === "done" && outcome.reply.finish_reason === "length" && <Told tone="warn">{t("cutOff")}</Told>}
      {outcome.state === "done" && outcome.reply.error && <Told tone="bad"><span className="font-mono text-xs">{outcome.reply.error.kind}</span> {outcome.reply.error.message}</Told>}
      {outcome.state === "broken" && <Told tone="warn">{t("brokeOff")}</Told>}
      {outcome.state === "stopped" && <p className="text-xs text-muted">{t("stopped")}</p>}
      {outcome.state === "failed" && <Refusal result={result} placed={placed} />}
      {!running && (
        <div className="flex flex-wrap gap-2">
          {(failed || outcome.state === "broken") && <Button size="sm" onClick={onRetry}><RotateCcw aria-hidden />{t("retry")}</Button>}
          {outcome.text !== "" && <Button size="sm" disabled={used === outcome} onClick={() => { setUsed(outcome); onAppend(outcome.text); }}><MessageSquarePlus aria-hidden />{t("append")}</Button>}
          {outcome.text !== "" && onDataset && <Button size="sm" variant="ghost" onClick={onDataset}><Database aria-hidden />{t("toDataset")}</Button>}
        </div>
      )}
    </section>
  );
}

/** Tells those who do not see it that it began and that it is over; not each word. */
function Announced({ letter, outcome }: { letter: string; outcome: Outcome }) {
  const t = useText(playgroundTexts);
  const text = outcome.state === "running" ? t("saysRunning", { letter }) : outcome.state === "done" && outcome.reply.ok ? t("saysDone", { letter }) : t("saysOver", { letter });
  return <p role="status" className="sr-only">{text}</p>;
}

const Told = ({ tone, children }: { tone: "warn" | "bad"; children: React.ReactNode }) => (
  <p role="alert" className={cx("flex items-start gap-2 rounded-md px-2.5 py-1.5 text-sm break-words", tone === "bad" ? "bg-bad-soft text-bad" : "bg-warn-soft text-warn")}>
    <TriangleAlert aria-hidden className="mt-0.5 size-4 shrink-0" /><span className="min-w-0 flex-1">{children}</span>
  </p>
);

function Refusal({ result: { outcome, complaints }, placed }: { result: Result; placed(pointer: string): boolean }) {
  const t = useText(playgroundTexts);
  if (outcome.state !== "failed") return null;
  const { refused } = outcome;
  const own = [...complaints].filter(([pointer]) => !placed(pointer));
  const text = refused.offline ? t("offline") : refused.denied ? t("denied") : refused.gone ? t("modelGone") : complaints.size > 0 ? t("seeFields") : refused.message || t("failed");
  return (
    <Told tone="bad">
      {text}
      {own.map(([pointer, why]) => <span key={pointer} className="block"><span className="font-mono text-xs">{pointer}</span> {why}</span>)}
      {refused.requestId && complaints.size === 0 && <span className="block font-mono text-2xs">{refused.requestId}</span>}
    </Told>
  );
}

/** JSON that a text is, also in a fence. */
function jsonIn(text: string): { value: unknown } | null {
  const inner = /^\s*```(?:json)?\s*\n([\s\S]*?)\n```\s*$/.exec(text)?.[1] ?? text;
  if (!/^\s*[[{]/.test(inner)) return null;
  try {
    return { value: JSON.parse(inner) as unknown };
  } catch {
    return null;
  }
}

function Head({ text }: { text: string }) {
  const t = useText(playgroundTexts);
  const wanted = mode.use();
  const json = useMemo(() => jsonIn(text), [text]);
  const chosen = wanted === "json" && !json ? "markdown" : wanted;
  return (
    <div className="flex items-center gap-2">
      <h3 className="text-sm font-semibold">{t("answer")}</h3>
      <div role="group" aria-label={t("showAs")} className="ml-auto inline-flex rounded-md border border-line p-px">
        {MODES.filter((one) => one !== "json" || json).map((one) => (
          <button
            key={one} type="button" aria-pressed={chosen === one} onClick={() => mode.set(one)}
            className={cx("h-6 rounded-sm px-2 text-xs font-medium text-muted hover:text-ink", chosen === one && "bg-accent-soft text-accent-strong")}
          >
            {t(one)}
          </button>
        ))}
      </div>
      <CopyButton text={text} label={t("copyAnswer")} />
    </div>
  );
}

function Words({ outcome }: { outcome: Outcome }) {
  const t = useText(playgroundTexts);
  const chosen = mode.use();
  const running = outcome.state === "running";
  const json = useMemo(() => (running ? null : jsonIn(outcome.text)), [running, outcome.text]);
  if (outcome.text === "") {
    if (running) return <p className="text-sm text-muted"><Pulse /> {t("waiting")}</p>;
    return outcome.state === "done" && outcome.reply.ok ? <p className="text-sm text-muted">{t("emptyAnswer")}</p> : null;
  }
  if (!running && json && chosen === "json") return <JsonView label={t("answer")} value={json.value} open={4} search={false} />;
  // Half a Markdown jumps as it grows, and costs more with every word.
  if (!running && chosen !== "plain" && !json) return <div className="min-w-0 text-sm"><Markdown text={outcome.text} /></div>;
  return <p className="text-sm break-words whitespace-pre-wrap">{outcome.text}{running && <> <Pulse /></>}</p>;
}

const Pulse = () => <span aria-hidden className="inline-block size-2 animate-pulse rounded-full bg-copper align-middle" />;

const ENDS: Record<string, Tone> = { stop: "good", length: "warn" };

function Numbers({ outcome }: { outcome: Extract<Outcome, { state: "done" }> }) {
  const t = useText(playgroundTexts);
  const { reply } = outcome;
  return (
    <Facts
      className="gap-x-4"
      facts={[
        [t("latency"), duration(reply.latency_ms)], [t("firstWord"), reply.first_text_ms === null ? NOTHING : duration(reply.first_text_ms)],
        [t("tokens"), reply.usage ? t("inOut", { in: number(reply.usage.input), out: number(reply.usage.output) }) : NOTHING], [t("cost"), cost(reply.cost_usd)],
        [t("ended"), reply.finish_reason && <Badge tone={ENDS[reply.finish_reason] ?? "neutral"}>{reply.finish_reason}</Badge>], [t("answeredBy"), reply.model],
      ]}
    />
  );
}
