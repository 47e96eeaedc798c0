import { useEffect, useRef } from "react";
import { useText } from "@/i18n";
import { cx } from "@/lib/cx";
import { duration, exactTime } from "@/lib/format";
import { outer } from "../graph/path";
import { runTexts } from "../i18n-run";
import type { Progress, Visit } from "./progress";

const DOTS: Record<Visit["state"], string> = { running: "bg-accent animate-pulse", waiting: "bg-warn animate-pulse", done: "bg-good", failed: "bg-bad" };

/** Every visit of a node in order, with what happened in it; the newest comes into sight. */
export function Steps({ progress, selected, onSelect }: { progress: Progress; selected: ReadonlySet<string>; onSelect(node: string): void }) {
  const t = useText(runTexts);
  const end = useRef<HTMLLIElement>(null);
  const count = progress.visits.length;
  useEffect(() => {
    // The panel alone moves; the page stays where the person is.
    const panel = end.current?.closest<HTMLElement>("[data-panel]");
    if (panel && !progress.ended) panel.scrollTop = panel.scrollHeight;
  }, [count, progress.ended]);
  const names: Record<string, string> = {
    asks: t("asks"), answered: t("answered"), user: t("user"), agent: t("agentWord"), tool: t("tool"), decided: t("decided"), scored: t("scored"), failed: t("failed"), retried: t("retried"),
  };
  if (count === 0) return <p className="text-sm text-muted">{t("noSteps")}</p>;
  return (
    <ol aria-label={t("stepsTab")} className="grid gap-px">
      {progress.visits.map((visit, index) => {
        const said = progress.said.get(visit.task);
        return (
          <li key={visit.task} ref={index === count - 1 ? end : undefined}>
            <button
              type="button"
              onClick={() => onSelect(outer(visit.node))}
              className={cx("grid w-full gap-0.5 rounded-md px-1.5 py-1 text-left hover:bg-sunken", selected.has(outer(visit.node)) && "bg-accent-soft")}
            >
              <span className="flex items-center gap-2">
                <span aria-hidden className={cx("size-2 shrink-0 rounded-full", DOTS[visit.state])} />
                <span className="w-5 shrink-0 text-right text-2xs text-muted tabular-nums">{index + 1}</span>
                <span className="min-w-0 flex-1 truncate font-mono text-xs font-medium">{visit.node}</span>
                <span className="text-2xs text-muted tabular-nums" title={exactTime(visit.at)}>{visit.ms === null ? "" : duration(visit.ms)}</span>
              </span>
              {visit.lines.map((line, at) => (
                <span key={at} className="pl-9 text-xs wrap-anywhere text-muted"><span className={cx("mr-1 font-medium", line.what === "failed" ? "text-bad" : "text-ink")}>{names[line.what] ?? line.what}</span>{line.text}</span>
              ))}
              {said && <span className="pl-9 text-xs wrap-anywhere text-muted"><span className="mr-1 font-medium text-ink">{t("agentWord")}</span>{said}▍</span>}
            </button>
          </li>
        );
      })}
    </ol>
  );
}
