import { useText } from "@/i18n";
import { NOTHING, number, percent, score } from "@/lib/format";
import { commonTexts } from "../i18n";
import type { Figures, Range } from "../stats";
import { detailTexts } from "./i18n";

/** Figures by metric, with how sure they are. */
export function MetricTable({ figures }: { figures: readonly Figures[] }) {
  const t = useText(detailTexts);
  const common = useText(commonTexts);
  if (figures.every((one) => one.passRate === null && one.error === 0)) return <p className="text-sm text-muted">{t("noScores")}</p>;
  const counts = [["passed", "passed"], ["failed", "failed"], ["error", "error"], ...(figures.some((one) => one.skipped > 0) ? [["skipped", "skipped"] as const] : [])] as const;
  return (
    <div className="-mx-4 overflow-x-auto px-4" tabIndex={0} role="region" aria-label={t("byMetric")}>
      <table className="w-full min-w-[40rem] text-sm">
        <thead>
          <tr className="label border-b border-line [&>th]:px-2 [&>th]:pb-1.5 [&>th]:font-semibold">
            <th scope="col" className="pl-0! text-left">{t("metric")}</th>
            <th scope="col" className="text-right">{t("rate")}</th>
            <th scope="col" className="w-40 text-left">{t("interval")}</th>
            <th scope="col" className="text-right">{t("mean")}</th>
            <th scope="col" className="text-left">{t("distribution")}</th>
            {counts.map(([key, label]) => <th key={key} scope="col" className="text-right">{common(label)}</th>)}
          </tr>
        </thead>
        <tbody>
          {figures.map((one) => (
            <tr key={one.name ?? ""} className="border-b border-line/70 last:border-0 [&>td]:px-2 [&>td]:py-2">
              <th scope="row" className="max-w-56 truncate py-2 pr-2 text-left font-medium" title={one.name ?? undefined}>
                {one.name ?? common("wholeRun")}
                {one.name !== null && <span className="block text-2xs font-normal text-muted tabular-nums">{one.kind !== one.name && <span className="font-mono">{one.kind} </span>}{one.threshold !== null && `≥ ${score(one.threshold)}`}</span>}
              </th>
              <td className="text-right font-medium">{percent(one.passRate, 1)}</td>
              <td><RangeBar value={one.passRate} range={one.passRange} /></td>
              <td className="text-right" title={one.meanRange ? t("interval95", { low: score(one.meanRange.low), high: score(one.meanRange.high) }) : undefined}>{one.name === null ? NOTHING : score(one.mean)}</td>
              <td>{one.name !== null && one.mean !== null && <Histogram bins={one.histogram} threshold={one.threshold} />}</td>
              {counts.map(([key]) => <td key={key} className={one[key] === 0 ? "text-right text-muted" : "text-right"}>{number(one[key])}</td>)}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** A share from 0 to 1 with its interval. */
export function RangeBar({ value, range }: { value: number | null; range: Range | null }) {
  const t = useText(detailTexts);
  if (value === null) return <span className="text-muted">{NOTHING}</span>;
  const words = range ? t("interval95", { low: percent(range.low), high: percent(range.high) }) : percent(value);
  return (
    <span className="flex items-center gap-2" title={words}>
      <span aria-hidden className="relative h-3 w-24 shrink-0 rounded-sm bg-sunken">
        {range && <span className="absolute top-1 h-1 rounded-full bg-accent/45" style={{ left: `${range.low * 100}%`, width: `${Math.max(1, (range.high - range.low) * 100)}%` }} />}
        <span className="absolute top-0 h-3 w-0.5 bg-accent" style={{ left: `calc(${value * 100}% - 1px)` }} />
      </span>
      <span className="text-xs whitespace-nowrap text-muted tabular-nums">{range ? `${percent(range.low)}–${percent(range.high)}` : NOTHING}</span>
    </span>
  );
}

/** How scores lie between 0 and 1. */
function Histogram({ bins, threshold }: { bins: readonly number[]; threshold: number | null }) {
  const most = Math.max(1, ...bins);
  return (
    <svg aria-hidden viewBox="0 0 80 20" className="h-5 w-20" preserveAspectRatio="none">
      <line x1="0" x2="80" y1="19.5" y2="19.5" className="stroke-line" />
      {bins.map((count, index) => {
        const height = count === 0 ? 0 : Math.max(2, (count / most) * 19);
        // A bin that ends at the threshold is below it; the last one holds the full score.
        const below = threshold !== null && index < bins.length - 1 && (index + 1) / bins.length <= threshold + 1e-9;
        return <rect key={index} x={index * 4 + 0.5} y={19.5 - height} width="3" height={height} className={below ? "fill-bad" : "fill-good"} />;
      })}
    </svg>
  );
}
