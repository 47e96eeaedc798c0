import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useParams } from "@tanstack/react-router";
import { lazy, Suspense, useState } from "react";
import { Trash2 } from "lucide-react";
import { api, type Schemas, unwrap } from "@/api/client";
import { useMay } from "@/api/me";
import { Fact } from "@/features/review/AgreementTab";
import type { CurveChartProps } from "@/features/review/curve-chart";
import { useText } from "@/i18n";
import { ago, exactTime, number, percent, score } from "@/lib/format";
import { Button } from "@/ui/button";
import { Confirm } from "@/ui/dialog";
import { JsonView } from "@/ui/json-view";
import { Page } from "@/ui/page";
import { Section } from "@/ui/section";
import { Loaded, messageOf } from "@/ui/states";
import { toast, toastError } from "@/ui/toast";
import { CalibrationState, useModelNames } from "./CalibrationsPage";
import { calibrationTexts } from "./i18n";

type Detail = Schemas["CalibrationDetail"];
type Measures = Schemas["CalibrationMeasures"];
const Curves = lazy(() => import("@/features/review/curve-chart"));

/** One calibration: its curves, and what they are worth. */
export default function CalibrationPage() {
  const { id } = useParams({ strict: false }) as { id: string };
  const calibration = useQuery({ queryKey: ["calibrations", "one", id], queryFn: ({ signal }) => unwrap(api.GET("/api/v1/calibrations/{id}", { params: { path: { id } }, signal })) });
  return <Loaded query={calibration}>{(data) => <DetailView calibration={data} />}</Loaded>;
}

const Chart = (props: CurveChartProps) => <Suspense fallback={<div className="h-64 animate-pulse rounded-md bg-sunken" />}><Curves {...props} /></Suspense>;
/** Pairs as the API has them. */
const points = (pairs: readonly number[][]) => pairs.map(([x = 0, y = 0]) => ({ x, y }));
/** Bins that have verdicts, as points. */
const binPoints = ({ bins }: Measures) => bins.flatMap(({ confidence, agreed }) => (confidence === null || agreed === null ? [] : [{ x: confidence, y: agreed }]));

function DetailView({ calibration }: { calibration: Detail }) {
  const t = useText(calibrationTexts);
  const mayWrite = useMay("resources_write");
  const modelName = useModelNames();
  const [asks, setAsks] = useState(false);
  const { fit } = calibration;
  return (
    <Page
      title={calibration.metric}
      description={(
        <span className="flex flex-wrap items-center gap-2">
          <CalibrationState calibration={calibration} />{modelName(calibration.spec.judge_model_id)} · {t("version")} {calibration.version} · {t("of", { n: calibration.labelled })} · <time title={exactTime(calibration.created_at)}>{ago(calibration.created_at)}</time>
        </span>
      )}
      back={{ to: "/calibrations", label: t("all") }}
      actions={mayWrite && <Button variant="danger" onClick={() => setAsks(true)}><Trash2 aria-hidden />{t("delete")}</Button>}
    >
      <div className="grid gap-4">
        <section className="card grid gap-3 p-4">
          <dl className="grid grid-cols-2 gap-x-6 gap-y-3 sm:grid-cols-4 lg:grid-cols-6">
            <Fact name={t("agreement")}>{percent(fit.agreement)}</Fact>
            <Fact name={t("fittedOn")}>{number(fit.fitted_on)}</Fact>
            <Fact name={t("heldOut")}>{number(fit.held_out)}</Fact>
            <Fact name={t("ties")}>{number(fit.ties)}</Fact>
            <Fact name={t("without")}>{number(fit.without_confidence)}</Fact>
            <Fact name={t("distance")}>{score(fit.distance)}</Fact>
          </dl>
          <p className="text-sm">
            {fit.trust_from
              ? t("trustText", { n: percent(fit.trust_from.confidence), wrong: fit.trust_from.wrong, kept: fit.trust_from.kept, bound: percent(fit.trust_from.bound, 1) })
              : <span className="text-muted">{t("noTrust")}</span>}
          </p>
        </section>
        <div className="grid items-start gap-4 lg:grid-cols-2">
          <Section title={t("reliability")}>
            <p className="text-xs text-muted">{t("reliabilityText")}</p>
            <Chart
              label={t("reliability")} x={t("confidenceX")} y={t("agreedY")} format={score}
              curves={[
                { name: t("raw"), colour: "var(--copper)", dots: true, points: binPoints(fit.raw) },
                { name: t("calibrated"), colour: "var(--accent)", dots: true, points: binPoints(fit.calibrated) },
              ]}
            />
          </Section>
          <Section title={t("worth")}><Worth raw={fit.raw} calibrated={fit.calibrated} /></Section>
          <Section title={t("confidenceCurve")}>
            <Chart label={t("confidenceCurve")} x={t("confidenceX")} y={t("agreedY")} format={score} curves={[{ name: t("calibrated"), colour: "var(--accent)", points: points(fit.confidence) }]} />
          </Section>
          <Section title={t("scoreCurve")}>
            {fit.score.length === 0
              ? <p className="text-sm text-muted">{t("noScore")}</p>
              : <Chart label={t("scoreCurve")} x={t("scoreX")} y={t("scoreY")} format={score} curves={[{ name: t("scoreY"), colour: "var(--accent)", points: points(fit.score) }]} />}
          </Section>
        </div>
        <Section title={t("asked")}><JsonView value={calibration.spec} search={false} /></Section>
      </div>
      {asks && <Delete id={calibration.id} onClose={() => setAsks(false)} />}
    </Page>
  );
}

/** The judge's own confidence beside the calibrated one. */
function Worth({ raw, calibrated }: { raw: Measures; calibrated: Measures }) {
  const t = useText(calibrationTexts);
  const rows = [["brier", "brier", "lower"], ["ece", "expected_calibration_error", "lower"], ["mce", "maximum_calibration_error", "lower"], ["auroc", "auroc", "higher"]] as const;
  return (
    <>
      <table className="w-full text-sm">
        <thead><tr><td /><th scope="col" className="label pb-1 text-right">{t("raw")}</th><th scope="col" className="label pb-1 pl-4 text-right">{t("calibrated")}</th></tr></thead>
        <tbody>
          {rows.map(([name, key, better]) => (
            <tr key={key} className="border-t border-line">
              <th scope="row" className="py-1.5 text-left font-medium">{t(name)} <span className="text-xs font-normal text-muted">{t(better)}</span></th>
              <td className="py-1.5 text-right">{number(raw[key], 3)}</td>
              <td className="py-1.5 pl-4 text-right font-medium">{number(calibrated[key], 3)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <details>
        <summary className="text-sm text-muted">{t("bins")}</summary>
        <table className="mt-2 w-full text-sm">
          <thead><tr>{(["bin", "verdicts", "confidenceX", "agreedY"] as const).map((key) => <th key={key} scope="col" className="label pb-1 pl-2 text-right first:text-left">{t(key)}</th>)}</tr></thead>
          <tbody>
            {calibrated.bins.map((bin) => (
              <tr key={bin.low} className="border-t border-line">
                <th scope="row" className="py-1 text-left font-normal">{score(bin.low)} – {score(bin.high)}</th>
                <td className="py-1 text-right">{number(bin.items)}</td>
                <td className="py-1 text-right">{score(bin.confidence)}</td>
                <td className="py-1 text-right">{percent(bin.agreed)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </>
  );
}

function Delete({ id, onClose }: { id: string; onClose(): void }) {
  const t = useText(calibrationTexts);
  const client = useQueryClient();
  const navigate = useNavigate();
  const remove = useMutation({
    mutationFn: () => api.DELETE("/api/v1/calibrations/{id}", { params: { path: { id } } }),
    onSuccess: async () => {
      await navigate({ to: "/calibrations" });
      toast(t("deleted"));
      void client.invalidateQueries({ queryKey: ["calibrations", "list"] });
    },
    onError: (error) => toastError(messageOf(error, t("deleteTitle"))),
  });
  return <Confirm open onClose={onClose} danger title={t("deleteTitle")} description={t("deleteText")} confirm={t("delete")} busy={remove.isPending} onConfirm={() => remove.mutate()} />;
}
