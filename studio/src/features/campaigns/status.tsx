import type { Schemas } from "@/api/client";
import { useText } from "@/i18n";
import { cx } from "@/lib/cx";
import { Badge, type Tone } from "@/ui/badge";
import { doneOf, type RunStatus } from "./data";
import { commonTexts } from "./i18n";

type Status = RunStatus | Schemas["CampaignStatus"] | Schemas["MetricStatus"] | Schemas["GateVerdict"];

const TONES: Record<Status, Tone> = {
  queued: "neutral", running: "info", paused: "warn", completed: "accent", cancelled: "neutral", waiting_for_person: "warn",
  passed: "good", failed: "bad", error: "warn", skipped: "neutral", inconclusive: "warn",
};

/** Where something stands, in a word and a colour. */
export function StatusBadge({ status }: { status: Status }) {
  const t = useText(commonTexts);
  return <Badge dot tone={TONES[status]}>{t(status)}</Badge>;
}

/** What the gate of a campaign says. */
export function VerdictBadge({ verdict }: { verdict: Schemas["GateVerdict"] }) {
  const t = useText(commonTexts);
  return <Badge tone={TONES[verdict]}>{t("gateVerdict", { verdict: t(verdict) })}</Badge>;
}

const PARTS = [
  ["passed", "bg-good"], ["failed", "bg-bad"], ["error", "bg-warn"], ["cancelled", "bg-edge"], ["running", "bg-info"],
  ["waiting_for_person", "bg-copper"], ["paused", "bg-edge"],
] as const satisfies readonly (readonly [keyof Schemas["CampaignSummary"] & Status, string])[];

/** How far a campaign is, as a bar of what came of its runs. Words beside it say the same. */
export function ProgressBar({ summary, className }: { summary: Schemas["CampaignSummary"]; className?: string }) {
  const t = useText(commonTexts);
  const words = PARTS.filter(([name]) => summary[name] > 0).map(([name]) => `${t(name)}: ${summary[name]}`).join(", ");
  const done = doneOf(summary);
  return (
    <div
      role="progressbar"
      aria-valuemin={0}
      aria-valuemax={summary.total}
      aria-valuenow={done}
      aria-label={t("progress", { done, total: summary.total })}
      aria-valuetext={words || t("progress", { done, total: summary.total })}
      title={words}
      className={cx("flex h-1.5 w-full overflow-hidden rounded-full bg-sunken", className)}
    >
      {PARTS.map(([name, colour]) => (summary[name] > 0
        ? <span key={name} className={colour} style={{ width: `${(summary[name] / Math.max(1, summary.total)) * 100}%` }} />
        : null))}
    </div>
  );
}
