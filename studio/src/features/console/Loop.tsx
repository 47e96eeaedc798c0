import { useVirtualizer } from "@tanstack/react-virtual";
import { type ReactNode, useEffect, useRef } from "react";
import { Bot, Brain, CircleAlert, CircleDot, Eye, Gauge, type LucideIcon, User, Wrench } from "lucide-react";
import { StatusBadge } from "@/features/campaigns/status";
import { useText } from "@/i18n";
import { cx } from "@/lib/cx";
import { duration, exactTime, score } from "@/lib/format";
import { JsonView } from "@/ui/json-view";
import { Markdown } from "@/ui/markdown";
import type { Streaming } from "@/features/runs/data";
import { Folded } from "@/features/runs/Folded";
import { inLine } from "./EventList";
import { consoleTexts } from "./i18n";
import type { Entry, Kind } from "./loop";

const LOOK: Record<Kind, { icon: LucideIcon; colour: string }> = {
  user: { icon: User, colour: "text-ink bg-sunken" }, thought: { icon: Brain, colour: "text-copper bg-sunken" }, action: { icon: Wrench, colour: "text-info bg-info-soft" },
  observation: { icon: Eye, colour: "text-info bg-info-soft" }, answer: { icon: Bot, colour: "text-accent-strong bg-accent-soft" }, score: { icon: Gauge, colour: "text-good bg-good-soft" },
  error: { icon: CircleAlert, colour: "text-bad bg-bad-soft" }, step: { icon: CircleDot, colour: "text-muted bg-sunken" },
};

/** Thoughts, actions and observations, one below the other; only those in sight are in the page. */
export function Loop({ entries, streaming, follow }: { entries: readonly Entry[]; streaming: Streaming | null; follow: boolean }) {
  const t = useText(consoleTexts);
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: entries.length, getScrollElement: () => scroller.current, estimateSize: () => 64, overscan: 6, getItemKey: (index) => entries[index]?.key ?? index,
  });
  useEffect(() => {
    if (follow && entries.length > 0) virtual.scrollToIndex(entries.length - 1, { align: "end" });
  }, [entries.length, streaming?.text.length, follow, virtual]);
  return (
    <div ref={scroller} tabIndex={0} role="log" aria-label={t("loop")} className="card h-[calc(100dvh-16rem)] min-h-80 overflow-auto">
      <ol className="relative" style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map((item) => {
          const entry = entries[item.index];
          if (!entry) return null;
          const isNew = entry.turn > 0 && entries[item.index - 1]?.turn !== entry.turn;
          const isLast = item.index === entries.length - 1;
          return (
            <li key={item.key} ref={virtual.measureElement} data-index={item.index} className="absolute left-0 w-full" style={{ top: item.start }}>
              {isNew && <p className="label border-t border-line bg-canvas px-4 py-1">{t("turn", { n: entry.turn })}</p>}
              <Row entry={entry}>{entry.kind === "thought" && isLast && streaming ? <p className="whitespace-pre-wrap text-muted">{streaming.text}</p> : null}</Row>
            </li>
          );
        })}
      </ol>
    </div>
  );
}

function Row({ entry, children }: { entry: Entry; children: ReactNode }) {
  const t = useText(consoleTexts);
  const { told } = entry;
  const { icon: Icon, colour } = LOOK[entry.kind === "score" && told.status !== "passed" ? "error" : entry.kind];
  return (
    <div className="grid grid-cols-[1.75rem_6.5rem_minmax(0,1fr)_auto] items-start gap-2.5 px-4 py-2 text-sm">
      <span className={cx("grid size-6 place-items-center rounded-full", colour)}><Icon aria-hidden className="size-3.5" /></span>
      <span className="pt-0.5 font-medium">{entry.kind === "step" && told.event in consoleTexts.en ? t(told.event as "decided") : t(entry.kind)}</span>
      <div className="grid min-w-0 gap-1 pt-0.5"><Said entry={entry} />{children}</div>
      <time className="pt-0.5 font-mono text-2xs text-muted" title={exactTime(told.at)}>{told.at?.slice(11, 23)}</time>
    </div>
  );
}

function Said({ entry: { kind, told, tookMs } }: { entry: Entry }) {
  const t = useText(consoleTexts);
  switch (kind) {
    case "user": return <Folded text={inLine(told.text)} />;
    case "thought": return <span className="text-muted">{tookMs === null && <span aria-hidden className="mr-2 inline-block size-2 animate-pulse rounded-full bg-copper align-middle" />}{tookMs === null || tookMs === undefined ? t("thinking") : t("took", { time: duration(tookMs) })}{told.node && <span className="ml-2 font-mono text-xs">{told.node}</span>}</span>;
    case "action": return <><span className="font-mono text-xs font-medium">{inLine(told.tool)}</span><Payload value={told.arguments} /></>;
    case "observation": return <><span className="font-mono text-xs text-muted">{inLine(told.tool)}</span><Payload value={told.output} /></>;
    case "answer": return <><Markdown text={inLine(told.text)} />{told.truncated === true && <span className="text-xs text-muted">({t("isTruncated")})</span>}</>;
    case "score": return (
      <>
        <span className="flex flex-wrap items-center gap-2"><span className="font-medium">{inLine(told.name)}</span><span className="tabular-nums">{score(told.score as number | null)}</span><StatusBadge status={told.status as "passed"} /></span>
        {told.reason != null && <span className="text-muted"><Folded text={inLine(told.reason)} /></span>}
      </>
    );
    case "error": return <span className="text-bad">{inLine(told.kind)} {inLine(told.message)}{told.wait_ms !== undefined && <span className="text-muted"> · {t("try", { n: Number(told.try) })}, {t("retryIn", { time: duration(told.wait_ms as number) })}</span>}</span>;
    default: return <span className="text-muted">{told.event === "decided" ? `${inLine(told.node)} → ${inLine(told.to)}` : inLine(told.text ?? told.status ?? told.reason ?? told.answer ?? told.item_key ?? told.node)}</span>;
  }
}

/** Small values in a line, others as a tree that is folded. */
function Payload({ value }: { value: unknown }) {
  if (value === null || value === undefined) return null;
  if (typeof value !== "object") return <span className="font-mono text-xs"><Folded text={String(value)} /></span>;
  return <JsonView value={value} search={false} open={JSON.stringify(value).length < 300 ? 2 : 0} />;
}
