import { useState } from "react";
import type { Schemas } from "@/api/client";
import { useText } from "@/i18n";
import { Badge } from "@/ui/badge";
import { type LabelAnswer, shownValue } from "./answers";
import { reviewTexts } from "./i18n";
import { workTexts } from "./i18n-work";
import { MachineScoreView } from "./MachinePanel";
import { OverrideDialog, Overrides } from "./Override";
import { metricOf, type Subject, useRun } from "./queue";
import { yesNo } from "./words";

/** What was answered just now. */
export interface Done {
  subject: Subject;
  answers: readonly LabelAnswer[];
  gold: Schemas["ReviewSubmitted"]["gold"];
}

/** The item before: what was said, how it was for a known one, and what the machine had said, which may be told now. */
export function LastAnswered({ done }: { done: Done }) {
  const t = useText(workTexts);
  const r = useText(reviewTexts);
  const [overriding, setOverriding] = useState(false);
  const metric = metricOf(done.subject);
  const runId = done.subject.type === "run" ? done.subject.run_id : null;
  const run = useRun(metric ? runId : null);
  const machine = run.data?.scores.find((one) => one.name === metric);
  return (
    <section aria-label={t("last")} className="card grid gap-2 p-3">
      <h2 className="label">{t("last")}</h2>
      <ul className="flex flex-wrap gap-1.5">
        {done.answers.map((answer, index) => (
          <li key={index}><Badge>{answer.schema}{answer.turn != null ? ` (${answer.turn + 1})` : ""}: {shownValue(answer.value, yesNo(r))}</Badge></li>
        ))}
      </ul>
      {done.gold && (
        <p className="text-sm">
          <Badge tone={done.gold.right === done.gold.answered ? "good" : "warn"}>{t("goldRight", { right: done.gold.right, n: done.gold.answered })}</Badge>
          {" "}{done.gold.answers.map((one) => t("goldAnswer", { schema: one.schema, value: shownValue(one.value, yesNo(r)) })).join(", ")}
        </p>
      )}
      {machine && metric && runId && (
        <details className="text-sm">
          <summary className="text-muted">{t("lastMachine")}: {metric}</summary>
          <div className="mt-2 grid gap-2">
            <MachineScoreView machine={machine} metric={null} />
            <Overrides runId={runId} metric={metric} onOverride={() => setOverriding(true)} />
          </div>
        </details>
      )}
      {overriding && metric && runId && <OverrideDialog runId={runId} metric={metric} onClose={() => setOverriding(false)} />}
    </section>
  );
}
