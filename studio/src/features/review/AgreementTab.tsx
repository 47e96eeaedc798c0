import { useQuery } from "@tanstack/react-query";
import { api, type Schemas, unwrap } from "@/api/client";
import { useText } from "@/i18n";
import { number, percent, score } from "@/lib/format";
import { useUrlState } from "@/lib/url-state";
import { Badge, type Tone } from "@/ui/badge";
import { SmallChart } from "@/ui/charts";
import { Select } from "@/ui/input";
import { Section } from "@/ui/section";
import { Empty, Loaded } from "@/ui/states";
import { Wide } from "@/ui/wide";
import { reportTexts } from "./i18n-reports";
import { usePeople } from "@/resource/people";
import { strength } from "./words";

type Estimate = Schemas["Estimate"];
const TONES: Record<ReturnType<typeof strength>, Tone> = { almost: "good", substantial: "good", moderate: "info", fair: "warn", slight: "bad", poor: "bad", undefined: "neutral" };
export const LEVELS = ["0.9", "0.95", "0.99"];

/** How far people agree with one another, question by question. */
export default function AgreementTab({ id }: { id: string }) {
  const t = useText(reportTexts);
  const [{ level }, set] = useUrlState({ level: "0.95" });
  const report = useQuery({
    queryKey: ["review-queues", "agreement", id, level],
    queryFn: ({ signal }) => unwrap(api.GET("/api/v1/review-queues/{id}/agreement", { params: { path: { id }, query: { level: Number(level) } }, signal })),
  });
  return (
    <Loaded query={report}>{(data) => {
      const told = data.schemas.filter((one) => one.shared > 0);
      if (told.length === 0) return <div className="card"><Empty title={t("none")}>{t("noAgreement")}</Empty></div>;
      return (
        <div className="grid gap-4">
          <div className="flex items-center justify-between gap-3">
            <p className="text-sm text-muted">{t("alphaWords")}</p>
            <LevelSelect level={level} onChange={(next) => set({ level: next })} />
          </div>
          {told.length > 1 && <Section title={t("chartAlpha")}><SmallChart label={t("chartAlpha")} data={told.map((one) => ({ name: one.schema, value: one.krippendorff_alpha.value }))} format={score} /></Section>}
          {told.map((one) => <OneSchema key={one.schema} schema={one} level={data.level} />)}
        </div>
      );
    }}</Loaded>
  );
}

/** How sure intervals are to be. */
export function LevelSelect({ level, onChange }: { level: string; onChange(level: string): void }) {
  const t = useText(reportTexts);
  return (
    <Select className="w-24 shrink-0" aria-label={t("level")} title={t("level")} value={level} onChange={(event) => onChange(event.target.value)}>
      {LEVELS.map((one) => <option key={one} value={one}>{percent(Number(one))}</option>)}
    </Select>
  );
}

/** A value with where it is believed to lie. */
export function EstimateView({ estimate, level, format = score }: { estimate: Estimate | null | undefined; level: number; format?(value: number | null | undefined): string }) {
  const t = useText(reportTexts);
  if (!estimate) return "–";
  const { value, interval } = estimate;
  const words = interval ? t("interval", { level: percent(level), low: format(interval.low), high: format(interval.high) }) : undefined;
  return (
    <span className="tabular-nums" title={words}>
      {format(value)}{interval && <span className="ml-1.5 text-xs whitespace-nowrap text-muted">{format(interval.low)} … {format(interval.high)}</span>}
    </span>
  );
}

function OneSchema({ schema, level }: { schema: Schemas["SchemaAgreement"]; level: number }) {
  const t = useText(reportTexts);
  const { nameOf } = usePeople();
  const word = strength(schema.krippendorff_alpha.value);
  return (
    <Section title={schema.schema} actions={<Badge tone={TONES[word]}>{t(word)}</Badge>}>
      <dl className="grid grid-cols-2 gap-x-6 gap-y-3 sm:grid-cols-3 lg:grid-cols-6">
        <Fact name={t("alpha")}><EstimateView estimate={schema.krippendorff_alpha} level={level} /></Fact>
        <Fact name={t("same")}>{percent(schema.agreement)}</Fact>
        <Fact name={t("fleiss")}><EstimateView estimate={schema.fleiss?.kappa} level={level} /></Fact>
        <Fact name={t("annotators")}>{number(schema.annotators)}</Fact>
        <Fact name={t("units")}>{number(schema.units)}</Fact>
        <Fact name={t("shared")}>{number(schema.shared)}</Fact>
      </dl>
      {schema.pairs.length > 0 && (
        <Wide label={t("pairs")}>
          <table className="w-full min-w-[36rem] text-sm">
            <thead>
              <tr className="text-left">
                <th scope="col" className="label pb-1">{t("pairs")}</th>
                {(["both", "same", "kappa", "weighted"] as const).map((key) => <th key={key} scope="col" className="label pb-1 pl-4 text-right">{t(key)}</th>)}
              </tr>
            </thead>
            <tbody>
              {schema.pairs.map((pair) => (
                <tr key={`${pair.first} ${pair.second}`} className="border-t border-line">
                  <th scope="row" className="py-1.5 text-left font-medium">{nameOf(pair.first)} · {nameOf(pair.second)}</th>
                  <td className="py-1.5 pl-4 text-right">{number(pair.units)}</td>
                  <td className="py-1.5 pl-4 text-right">{percent(pair.agreement)}</td>
                  <td className="py-1.5 pl-4 text-right"><EstimateView estimate={pair.kappa} level={level} /></td>
                  <td className="py-1.5 pl-4 text-right"><EstimateView estimate={pair.weighted_kappa} level={level} /></td>
                </tr>
              ))}
            </tbody>
          </table>
        </Wide>
      )}
    </Section>
  );
}

/** A number under its name. */
export const Fact = ({ name, children, hint }: { name: string; children: React.ReactNode; hint?: string }) => (
  <div className="min-w-0" title={hint}><dt className="label">{name}</dt><dd className="text-lg font-semibold">{children}</dd></div>
);
