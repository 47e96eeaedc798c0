import type { Schemas } from "@/api/client";
import { useText } from "@/i18n";
import { NOTHING, number, percent, score } from "@/lib/format";
import { Section } from "@/ui/section";
import { compareTexts } from "./i18n";
import { bounded, chance, findingOf, signed } from "./words";

/** The statistics of a comparison, metric by metric. */
export function CompareTable({ data }: { data: Schemas["CampaignComparison"] }) {
  const t = useText(compareTexts);
  const heads = [t("baseline"), t("candidate"), t("difference"), t("interval"), "", t("pAdjusted"), t("effect"), t("detectable"), t("pairs"), t("improved"), t("worsened")];
  // All intervals on one scale, so that they can be compared by eye.
  const reach = Math.max(0.05, ...data.metrics.flatMap((one) => [one.interval?.low ?? 0, one.interval?.high ?? 0, one.difference].map((value) => Math.abs(bounded(value)))));
  return (
    <Section title={t("metric")}>
      <div className="-mx-4 overflow-x-auto px-4" tabIndex={0} role="region" aria-label={t("metric")}>
        <table className="w-full min-w-[58rem] text-sm">
          <thead>
            <tr className="label border-b border-line [&>th]:px-2 [&>th]:pb-1.5 [&>th]:font-semibold">
              <th scope="col" className="pl-0! text-left">{t("metric")}</th>
              {heads.map((one, index) => (one === "" ? <td key={index} /> : <th key={index} scope="col" className="text-right">{one}</th>))}
            </tr>
          </thead>
          <tbody>
            {data.metrics.map((one) => {
              const whole = one.metric === null;
              const value = (side: Schemas["ComparisonSide"]) => (whole ? percent(side.pass_rate, 1) : score(side.mean));
              const finding = findingOf(one, data.level);
              return (
                <tr key={one.metric ?? ""} className="border-b border-line/70 last:border-0 [&>td]:px-2 [&>td]:py-2 [&>td]:text-right">
                  <th scope="row" className="max-w-52 truncate py-2 pr-2 text-left font-medium" title={one.metric ?? undefined}>{one.metric ?? t("wholeRun")}</th>
                  <td title={percent(one.baseline.pass_rate, 1)}>{value(one.baseline)}</td>
                  <td title={percent(one.candidate.pass_rate, 1)}>{value(one.candidate)}</td>
                  <td className={finding === "worse" ? "font-semibold text-bad" : finding === "better" ? "font-semibold text-good" : ""}>{signed(one.difference, whole)}</td>
                  <td className="whitespace-nowrap text-muted">{one.interval ? `${signed(bounded(one.interval.low), whole)} … ${signed(bounded(one.interval.high), whole)}` : NOTHING}</td>
                  <td><Bar one={one} reach={reach} finding={finding} /></td>
                  <td title={`p = ${chance(one.p)}`}>{chance(one.p_adjusted)}</td>
                  <td className="text-muted">{one.effect === null ? NOTHING : number(one.effect, 2)}</td>
                  <td className="text-muted">{one.detectable === null || one.detectable >= 1 ? NOTHING : whole ? percent(one.detectable, 1) : score(one.detectable)}</td>
                  <td>{number(one.clusters ?? one.pairs)}</td>
                  <td>{number(one.improved)}</td>
                  <td>{number(one.worsened)}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </Section>
  );
}

function Bar({ one, reach, finding }: { one: Schemas["MetricComparison"]; reach: number; finding: string }) {
  const at = (value: number) => 50 + (bounded(value) / reach) * 48;
  const colour = finding === "worse" ? "bg-bad" : finding === "better" ? "bg-good" : "bg-edge";
  return (
    <span aria-hidden className="relative block h-3 w-28 rounded-sm bg-sunken">
      <span className="absolute inset-y-0 w-px bg-edge" style={{ left: "50%" }} />
      {one.interval && <span className={`absolute top-1 h-1 rounded-full opacity-50 ${colour}`} style={{ left: `${at(one.interval.low)}%`, width: `${Math.max(1, at(one.interval.high) - at(one.interval.low))}%` }} />}
      <span className={`absolute top-0 h-3 w-0.5 ${colour}`} style={{ left: `calc(${at(one.difference)}% - 1px)` }} />
    </span>
  );
}
