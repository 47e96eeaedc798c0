import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense } from "react";
import { Gauge } from "lucide-react";
import { api, type Schemas, unwrap } from "@/api/client";
import { useMay } from "@/api/me";
import { useText } from "@/i18n";
import { number, percent, score } from "@/lib/format";
import { useUrlState } from "@/lib/url-state";
import { ButtonLink } from "@/ui/button";
import { Section } from "@/ui/section";
import { Empty, Loaded } from "@/ui/states";
import { EstimateView, Fact, LevelSelect } from "./AgreementTab";
import { reportTexts } from "./i18n-reports";

const CurveChart = lazy(() => import("./curve-chart"));
/** Below this many items every number wavers. */
const FEW = 20;

/** How far each metric agrees with what people say. */
export default function JudgesTab({ id }: { id: string }) {
  const t = useText(reportTexts);
  const [{ level }, set] = useUrlState({ level: "0.95" });
  const report = useQuery({
    queryKey: ["review-queues", "judges", id, level],
    queryFn: ({ signal }) => unwrap(api.GET("/api/v1/review-queues/{id}/judge-report", { params: { path: { id }, query: { level: Number(level) } }, signal })),
  });
  return (
    <Loaded query={report}>{(data) => {
      const told = data.reports.filter((one) => one.items + one.unscored + one.ties > 0);
      if (told.length === 0) return <div className="card"><Empty title={t("none")}>{t("noJudges")}</Empty></div>;
      return (
        <div className="grid gap-4">
          <div className="flex justify-end"><LevelSelect level={level} onChange={(next) => set({ level: next })} /></div>
          {told.map((one) => <OneReport key={`${one.metric} ${one.schema}`} report={one} level={data.level} queue={id} />)}
        </div>
      );
    }}</Loaded>
  );
}

function OneReport({ report, level, queue }: { report: Schemas["JudgeReport"]; level: number; queue: string }) {
  const t = useText(reportTexts);
  const mayCalibrate = useMay("resources_write");
  const { confidence } = report;
  const notes = [t("items", { n: report.items }), report.ties > 0 ? t("ties", { n: report.ties }) : null, report.unscored > 0 ? t("unscored", { n: report.unscored }) : null, report.items < FEW ? t("fewItems") : null].filter(Boolean);
  return (
    <Section
      title={<>{report.metric} <span className="font-normal text-muted">· {report.schema}</span></>}
      actions={mayCalibrate && confidence && <ButtonLink size="sm" to="/calibrations" search={{ new: "1", metric: report.metric, schema: report.schema, queue } as never}><Gauge aria-hidden />{t("calibrate")}</ButtonLink>}
    >
      <p className="text-xs text-muted">{notes.join(" · ")}</p>
      <dl className="grid grid-cols-2 gap-x-6 gap-y-3 sm:grid-cols-3 xl:grid-cols-5">
        <Fact name={t("accuracy")}><EstimateView estimate={report.accuracy} level={level} format={(value) => percent(value)} /></Fact>
        <Fact name={t("kappa")}><EstimateView estimate={report.kappa} level={level} /></Fact>
        <Fact name={t("bias")} hint={t("biasWords")}><EstimateView estimate={report.bias} level={level} /></Fact>
        <Fact name={t("spearman")}><EstimateView estimate={report.spearman} level={level} /></Fact>
        <Fact name={t("mae")}>{score(report.mean_absolute_error)}</Fact>
      </dl>
      <div className="grid items-start gap-6 lg:grid-cols-2">
        <div className="grid gap-4">
          <Confusion confusion={report.confusion} />
          <dl className="grid grid-cols-2 gap-4">
            <Fact name={t("sensitivity")}>{percent(report.sensitivity)}</Fact>
            <Fact name={t("specificity")}>{percent(report.specificity)}</Fact>
          </dl>
          {confidence && (
            <div>
              <h3 className="label mb-1">{t("confidence")} ({t("items", { n: confidence.items })})</h3>
              <dl className="grid grid-cols-3 gap-4">
                <Fact name={t("brier")}>{number(confidence.brier, 3)}</Fact>
                <Fact name={t("ece")}>{number(confidence.expected_calibration_error, 3)}</Fact>
                <Fact name={t("auroc")}>{number(confidence.auroc, 3)}</Fact>
              </dl>
            </div>
          )}
        </div>
        {report.curve.length > 0 && (
          <div>
            <h3 className="font-semibold">{t("curve")}</h3>
            <p className="mb-2 text-xs text-muted">{t("curveWords")}</p>
            <Suspense fallback={<div className="h-64 animate-pulse rounded-md bg-sunken" />}>
              <CurveChart
                label={`${t("curve")}: ${report.curve.map((point) => `${score(point.score)} ${percent(point.people_pass)}`).join(", ")}`}
                x={t("x")} y={t("y")} format={score}
                curves={[{ name: t("y"), colour: "var(--accent)", dots: true, points: report.curve.map((point) => ({ x: point.score, y: point.people_pass })) }]}
              />
            </Suspense>
          </div>
        )}
      </div>
    </Section>
  );
}

/** Verdicts against verdicts: where both say the same is green, where they differ red. */
function Confusion({ confusion }: { confusion: Schemas["JudgeReport"]["confusion"] }) {
  const t = useText(reportTexts);
  const cell = (n: number, same: boolean) => <td className={same ? "rounded-md bg-good-soft px-4 py-3 text-center text-lg font-semibold text-good" : "rounded-md bg-bad-soft px-4 py-3 text-center text-lg font-semibold text-bad"}>{number(n)}</td>;
  return (
    <table className="w-full border-separate border-spacing-1 text-sm">
      <caption className="sr-only">{t("confusion")}</caption>
      <thead><tr><td /><th scope="col" className="label pb-1">{t("peoplePassed")}</th><th scope="col" className="label pb-1">{t("peopleFailed")}</th></tr></thead>
      <tbody>
        <tr><th scope="row" className="label pr-2 text-left">{t("judgePassed")}</th>{cell(confusion.both_passed, true)}{cell(confusion.judge_alone_passed, false)}</tr>
        <tr><th scope="row" className="label pr-2 text-left">{t("judgeFailed")}</th>{cell(confusion.people_alone_passed, false)}{cell(confusion.both_failed, true)}</tr>
      </tbody>
    </table>
  );
}
