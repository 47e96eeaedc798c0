import { useText } from "@/i18n";
import { percent, score } from "@/lib/format";
import { Badge, type Tone } from "@/ui/badge";
import { Markdown } from "@/ui/markdown";
import { Facts } from "@/ui/section";
import { reviewTexts } from "./i18n";
import type { Machine } from "./queue";

type Status = Machine["status"];

const TONES: Record<Status, Tone> = { passed: "good", failed: "bad", error: "warn", skipped: "neutral" };

/** Whether a metric let something pass, in a word. */
export function StatusBadge({ status }: { status: Status }) {
  const t = useText(reviewTexts);
  return <Badge dot tone={TONES[status]}>{t(status === "skipped" ? "skipped_m" : status)}</Badge>;
}

/** What the machine said, why, and what its calibration makes of it. */
export function MachineScoreView({ machine, metric }: { machine: Machine; metric: string | null }) {
  const t = useText(reviewTexts);
  const { calibration } = machine;
  return (
    <div className="grid gap-2">
      <div className="flex flex-wrap items-baseline gap-x-3 gap-y-1">
        {metric && <span className="font-medium">{metric}</span>}
        <span className="text-xl font-semibold tabular-nums">{score(machine.score)}</span>
        <StatusBadge status={machine.status} />
        <span className="text-xs text-muted">{t("threshold", { n: score(machine.threshold) })}</span>
      </div>
      <Facts facts={[[t("confidence"), machine.confidence == null ? null : percent(machine.confidence)], [t("judge"), machine.judge_model]]} />
      {calibration && (
        <p className="text-sm text-muted">
          <span className="font-medium">{t("calibrated")}: </span>
          {calibration.stale ? t("stale") : [
            calibration.confidence != null ? t("chance", { n: percent(calibration.confidence) }) : null,
            calibration.expected_score != null ? t("expected", { n: score(calibration.expected_score) }) : null,
            calibration.interval ? `[${calibration.interval.map(score).join(", ")}]` : null,
          ].filter(Boolean).join(" · ")}
        </p>
      )}
      <div className="border-l-2 border-copper/70 pl-3 text-sm">
        {machine.reason ? <Markdown text={machine.reason} /> : <p className="text-muted">{t("noReason")}</p>}
      </div>
    </div>
  );
}
