import { ArrowDownRight, ArrowRight, ArrowUpRight } from "lucide-react";
import { useText } from "@/i18n";
import { cx } from "@/lib/cx";
import { NOTHING, percent } from "@/lib/format";
import { analyticsTexts } from "./i18n";
import { change } from "./question";

/** Less than that is no change. */
const SAME = 0.005;

/** A figure with how it has changed since the time before; `good` says which direction is. */
export function Figure({ name, now, was, format, good }: { name: string; now: number | null; was: number | null; format(value: number): string; good?: "more" | "less" }) {
  const t = useText(analyticsTexts);
  const by = change(now, was);
  const still = by === null || Math.abs(by) < SAME;
  const better = by !== null && good !== undefined && (by > 0) === (good === "more");
  const Arrow = still ? ArrowRight : by > 0 ? ArrowUpRight : ArrowDownRight;
  return (
    <div className="card px-4 py-3">
      <dt className="label truncate" title={name}>{name}</dt>
      <dd>
        <span className="block text-2xl font-semibold tracking-tight tabular-nums">{now === null ? NOTHING : format(now)}</span>
        {by !== null && was !== null ? (
          <span title={t("before", { was: format(was) })} className={cx("inline-flex items-center gap-0.5 text-xs tabular-nums", still || good === undefined ? "text-muted" : better ? "text-good" : "text-bad")}>
            <Arrow aria-hidden className="size-3.5" />{by > 0 ? "+" : ""}{percent(by, Math.abs(by) < 0.1 ? 1 : 0)}
            {!still && good !== undefined && <span className="sr-only">{t(better ? "better" : "worse")}</span>}
          </span>
        ) : <span className="text-xs text-muted">{NOTHING}</span>}
      </dd>
    </div>
  );
}
