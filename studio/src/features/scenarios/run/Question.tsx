import { useState } from "react";
import { MessageCircleQuestion } from "lucide-react";
import { useMay } from "@/api/me";
import { useText } from "@/i18n";
import { ago, exactTime } from "@/lib/format";
import { Button } from "@/ui/button";
import { Field } from "@/ui/field";
import { Textarea } from "@/ui/input";
import { messageOf } from "@/ui/states";
import { runTexts } from "../i18n-run";
import { type Run, useTravel } from "./data";

/** What keeps a run from going on: a question to a person, a pause, an error. */
export function Question({ run }: { run: Run }) {
  const t = useText(runTexts);
  const mayRun = useMay("campaigns_run");
  const { resume } = useTravel(run.run_id);
  if (run.error) {
    return <p role="alert" className="rounded-md bg-bad-soft px-3 py-2 text-sm text-bad"><b>{t("errorTitle")}.</b> <span className="font-mono text-xs">{run.error.kind}</span> {run.error.message}</p>;
  }
  if (run.status === "paused") {
    return (
      <div className="flex flex-wrap items-center gap-3 rounded-md bg-info-soft px-3 py-2 text-sm text-info">
        <p className="flex-1">{resume.error ? messageOf(resume.error, "") : t("pausedText")}</p>
        {mayRun && <Button size="sm" variant="primary" busy={resume.isPending} onClick={() => resume.mutate()}>{t("resume")}</Button>}
      </div>
    );
  }
  return (run.waits ?? []).map((wait) => <One key={wait.id} run={run} wait={wait} mayRun={mayRun} />);
}

function One({ run, wait, mayRun }: { run: Run; wait: NonNullable<Run["waits"]>[number]; mayRun: boolean }) {
  const t = useText(runTexts);
  const { answer } = useTravel(run.run_id);
  const [text, setText] = useState("");
  const send = () => { if (text.trim()) answer.mutate({ [wait.id]: text }); };
  const byPerson = wait.kind === "person" || wait.kind === "user_turn";
  return (
    <section className="grid gap-2 rounded-lg border border-warn/50 bg-warn-soft px-4 py-3">
      <h3 className="flex items-center gap-2 text-sm font-semibold text-warn"><MessageCircleQuestion aria-hidden className="size-4" />{t("question")} <span className="font-mono text-xs font-normal">{wait.node}</span></h3>
      {wait.question && <p className="text-sm whitespace-pre-wrap">{wait.question}</p>}
      {wait.kind === "webhook" && <p className="text-sm break-all">{t("webhookWait", { url: wait.webhook?.url ?? `/hooks/runs/${run.run_id}` })}</p>}
      {wait.kind === "timer" && <p className="text-sm" title={exactTime(wait.due)}>{t("timerWait", { when: ago(wait.due) })}</p>}
      {byPerson && mayRun && (
        <form className="flex items-end gap-2" onSubmit={(event) => { event.preventDefault(); send(); }}>
          <Field className="flex-1" label={t("yourAnswer")}>
            <Textarea rows={1} className="min-h-8" value={text} onChange={(event) => setText(event.target.value)} onKeyDown={(event) => { if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return; event.preventDefault(); send(); }} />
          </Field>
          <Button type="submit" variant="primary" busy={answer.isPending} disabled={!text.trim()}>{t("sendAnswer")}</Button>
        </form>
      )}
      {answer.error && <p role="alert" className="text-xs text-bad">{messageOf(answer.error, "")}</p>}
    </section>
  );
}
