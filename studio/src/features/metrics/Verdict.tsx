import type { Schemas } from "@/api/client";
import { useText } from "@/i18n";
import { cost, duration, number, percent, score } from "@/lib/format";
import { Badge, type Tone } from "@/ui/badge";
import { Facts } from "@/ui/section";
import { metricTexts } from "./i18n";

const TONES: Record<Schemas["MetricStatus"], Tone> = { passed: "good", failed: "bad", error: "warn", skipped: "neutral" };

/** What a metric said of a case: its score, why, what it is made of, and what the judge said word for word. */
export function Verdict({ result }: { result: Schemas["MetricResult"] }) {
  const t = useText(metricTexts);
  const { usage, breakdown, judgements, judge_answers: answers } = result;
  return (
    <section className="grid gap-3 border-t border-line pt-3">
      <div className="flex flex-wrap items-center gap-3">
        <Badge dot tone={TONES[result.status]}>{t(result.status)}</Badge>
        <span className="text-2xl font-semibold tabular-nums">{score(result.score)}</span>
        <span className="text-sm text-muted">{t("passesFrom", { value: score(result.threshold) })}</span>
      </div>
      {result.score != null && (
        <div aria-hidden className="relative h-1.5 rounded-full bg-sunken">
          <div className={`h-full rounded-full ${result.status === "passed" ? "bg-good" : "bg-bad"}`} style={{ width: `${result.score * 100}%` }} />
          <div className="absolute -top-1 h-3.5 w-0.5 bg-ink" style={{ left: `${result.threshold * 100}%` }} />
        </div>
      )}
      <p className="text-sm whitespace-pre-wrap">{result.reason}</p>
      <Facts facts={[
        [t("confidence"), result.confidence == null ? null : percent(result.confidence)],
        [t("latency"), result.latency_ms == null ? null : duration(result.latency_ms)],
        [t("tokens"), usage ? t("inOut", { in: number(usage.input), out: number(usage.output) }) : null],
        [t("cost"), result.cost_usd == null ? null : cost(result.cost_usd)],
        [t("judgedBy"), result.judge_model ?? null],
      ]} />
      {breakdown && Object.keys(breakdown).length > 0 && (
        <div className="grid gap-1">
          <p className="label">{t("breakdown")}</p>
          <dl className="grid max-w-sm grid-cols-[1fr_auto] gap-x-6 text-sm">
            {Object.entries(breakdown).map(([name, value]) => <div key={name} className="contents"><dt className="truncate text-muted">{name}</dt><dd className="text-right tabular-nums">{number(value, 3)}</dd></div>)}
          </dl>
        </div>
      )}
      {judgements && (
        <details className="text-sm">
          <summary className="font-medium">{t("judgements", { n: judgements.all.length })} · {t("agreement", { value: percent(judgements.agreement) })}</summary>
          <ul className="mt-2 grid gap-1.5">
            {judgements.all.map((one, index) => <li key={index} className="flex gap-3"><span className="w-10 shrink-0 text-right tabular-nums">{score(one.score)}</span><span className="text-muted">{one.reason}</span></li>)}
          </ul>
        </details>
      )}
      {answers && answers.length > 0 && (
        <details className="text-sm">
          <summary className="font-medium">{t("judgeCalls", { n: answers.length })}</summary>
          <ol className="mt-2 grid gap-2">
            {answers.map((one, index) => (
              <li key={index} className="grid gap-1 rounded-md bg-sunken p-2.5">
                <span className="flex flex-wrap items-center gap-2 text-xs text-muted"><span className="font-mono">{one.schema}</span>{one.reused && <Badge>{t("reused")}</Badge>}<span className="ml-auto font-mono" title={one.prompt_hash}>{one.prompt_hash.slice(0, 8)}</span></span>
                <span className="max-h-64 overflow-y-auto font-mono text-xs wrap-anywhere whitespace-pre-wrap" tabIndex={0}>{one.answer}</span>
              </li>
            ))}
          </ol>
        </details>
      )}
    </section>
  );
}
