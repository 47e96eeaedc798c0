import { useText } from "@/i18n";
import { number } from "@/lib/format";
import { reviewTexts } from "./i18n";
import type { Progress } from "./queue";

const PARTS = [["done", "bg-good"], ["in_progress", "bg-info"], ["skipped", "bg-warn"], ["pending", "bg-line"]] as const;

/** The items of a queue by state, as one bar with its numbers in words. */
export function ProgressBar({ progress, legend }: { progress: Progress; legend?: boolean }) {
  const t = useText(reviewTexts);
  const { states, items } = progress;
  const words = t("progress", { done: number(states.done), n: number(items) });
  return (
    <div className="grid gap-1.5">
      <div className="flex h-2 overflow-hidden rounded-full bg-line" role="img" aria-label={PARTS.map(([state]) => `${t(state)}: ${states[state]}`).join(", ")}>
        {PARTS.map(([state, colour]) => states[state] > 0 && <span key={state} className={colour} style={{ width: `${(states[state] / Math.max(1, items)) * 100}%` }} />)}
      </div>
      {legend ? (
        <ul className="flex flex-wrap gap-x-5 gap-y-1 text-sm">
          {PARTS.map(([state, colour]) => (
            <li key={state} className="flex items-center gap-1.5">
              <span aria-hidden className={`size-2.5 rounded-full ${colour}`} />{t(state)}<span className="font-semibold tabular-nums">{number(states[state])}</span>
            </li>
          ))}
        </ul>
      ) : <p className="text-xs text-muted tabular-nums">{words}</p>}
    </div>
  );
}
