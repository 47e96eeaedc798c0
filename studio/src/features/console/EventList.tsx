import { useVirtualizer } from "@tanstack/react-virtual";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { useText } from "@/i18n";
import { cx } from "@/lib/cx";
import { duration, exactTime, percent, score } from "@/lib/format";
import type { Tone } from "@/ui/badge";
import { Badge } from "@/ui/badge";
import { JsonView } from "@/ui/json-view";
import type { Told } from "@/features/campaigns/detail/useCampaignEvents";
import { consoleTexts } from "./i18n";

const TONES: Record<string, Tone> = {
  user_said: "accent", agent_answered: "accent", tool_called: "info", tool_answered: "info", scored: "good", node_failed: "bad", node_retried: "warn", waiting: "warn",
  run_finished: "good", campaign_completed: "good", campaign_cancelled: "warn",
};

const clock = (at: string | undefined) => (at ? at.slice(11, 23) : "");

/** Events one after the other; only those in sight are in the page. */
export function EventList({ events, follow, run }: { events: readonly Told[]; follow: boolean; run?: (id: string) => ReactNode }) {
  const t = useText(consoleTexts);
  const scroller = useRef<HTMLDivElement>(null);
  const [open, setOpen] = useState<string | null>(null);
  const virtual = useVirtualizer({
    count: events.length, getScrollElement: () => scroller.current, estimateSize: () => 32, overscan: 10,
    getItemKey: (index) => `${events[index]?.run_id ?? ""}${events[index]?.id ?? index}`,
  });
  useEffect(() => {
    if (follow && open === null) virtual.scrollToIndex(events.length - 1, { align: "end" });
  }, [events.length, follow, open, virtual]);
  return (
    <div ref={scroller} tabIndex={0} role="region" aria-label={t("events", { n: events.length })} className="card h-[calc(100dvh-22rem)] min-h-72 overflow-auto text-sm">
      <ol className="relative" style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map((item) => {
          const told = events[item.index];
          if (!told) return null;
          const isOpen = open === item.key;
          return (
            <li key={item.key} ref={virtual.measureElement} data-index={item.index} className="absolute left-0 w-full border-b border-line/60" style={{ top: item.start }}>
              <button type="button" aria-expanded={isOpen} onClick={() => setOpen(isOpen ? null : String(item.key))} className="flex w-full items-center gap-3 px-3 py-1.5 text-left hover:bg-sunken/70">
                <time title={exactTime(told.at)} className="shrink-0 font-mono text-2xs text-muted">{clock(told.at)}</time>
                <span className="w-32 shrink-0"><Badge tone={toneOf(told)}>{nameOf(told.event, t)}</Badge></span>
                <span className={cx("min-w-0 flex-1 truncate", told.event.startsWith("node_") && told.event !== "node_failed" && "text-muted")}><Words told={told} /></span>
              </button>
              {isOpen && <div className="grid gap-1 px-3 pb-3">{run && told.run_id && <span>{t("runLabel")} {run(told.run_id)}</span>}<JsonView value={told} search={false} /></div>}
            </li>
          );
        })}
      </ol>
    </div>
  );
}

function toneOf(told: Told): Tone {
  if (told.event === "scored" || told.event === "run_finished") return told.status === "failed" ? "bad" : told.status === "error" ? "warn" : "good";
  return TONES[told.event] ?? "neutral";
}

const nameOf = (event: string, t: ReturnType<typeof useText<typeof consoleTexts.en>>) => (event in consoleTexts.en ? t(event as "scored") : event);

/** A value of any shape in one line. */
export const inLine = (value: unknown): string => (typeof value === "string" ? value : value === undefined ? "" : JSON.stringify(value) ?? "");

/** What an event says, in a line. */
function Words({ told }: { told: Told }) {
  const t = useText(consoleTexts);
  const summary = told.summary as { passed: number; failed: number; error: number; cancelled: number; total: number } | undefined;
  if (summary) return t("progressText", { done: summary.passed + summary.failed + summary.error + summary.cancelled, total: summary.total, rate: percent(told.pass_rate as number | null) });
  switch (told.event) {
    case "run_started": return inLine(told.item_key);
    case "tool_called": return `${inLine(told.tool)} ${inLine(told.arguments)}`;
    case "tool_answered": return `${inLine(told.tool)} ${inLine(told.output)}`;
    case "scored": return `${inLine(told.name)} ${score(told.score as number | null)} ${inLine(told.reason)}`;
    case "decided": return `${inLine(told.node)} → ${inLine(told.to)}`;
    case "node_finished": return `${inLine(told.node)} ${told.duration_ms === undefined ? "" : t("took", { time: duration(told.duration_ms as number) })}`;
    case "node_retried": return `${inLine(told.node)}: ${inLine(told.message)}, ${t("retryIn", { time: duration(told.wait_ms as number) })}`;
    case "node_failed": return `${inLine(told.node)}: ${inLine(told.message)}`;
    case "run_finished": return `${inLine(told.status)} ${inLine((told.error as { message?: string } | null)?.message)}`;
    default: return inLine(told.text ?? told.reason ?? told.question ?? told.answer ?? told.name ?? told.node);
  }
}
