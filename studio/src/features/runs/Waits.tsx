import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Send } from "lucide-react";
import { api, type Schemas, unwrap } from "@/api/client";
import { ApiError } from "@/api/error";
import { commonTexts } from "@/features/campaigns/i18n";
import { useText } from "@/i18n";
import { ago, exactTime } from "@/lib/format";
import { Button } from "@/ui/button";
import { CopyButton } from "@/ui/copy";
import { Field, FieldErrors } from "@/ui/field";
import { Select, Textarea } from "@/ui/input";
import { messageOf } from "@/ui/states";
import { toast } from "@/ui/toast";
import type { Run } from "./data";
import { runTexts } from "./i18n";

type Question = Schemas["Question"];

/** What a run waits for, with a form where a person may answer. */
export function Waits({ run, questions, mayAnswer }: { run: Run; questions: readonly Question[]; mayAnswer: boolean }) {
  const t = useText(runTexts);
  return (
    <section aria-label={t("waits")} className="grid gap-3 rounded-lg border border-warn/50 bg-warn-soft/40 p-4">
      <h2 className="font-semibold">{t("waits")}</h2>
      {questions.map((question) => (
        <div key={question.id} className="grid gap-2">
          {question.question && <p className="text-lg wrap-anywhere whitespace-pre-wrap">{question.question}</p>}
          <p className="font-mono text-xs text-muted">{question.node}</p>
          {question.kind === "timer" && <p className="text-sm" title={exactTime(question.due)}>{t("due", { when: ago(question.due) })} {t("timerText")}</p>}
          {question.webhook && <Webhook webhook={question.webhook} />}
          {(question.kind === "person" || question.kind === "user_turn") && mayAnswer && <Answer run={run} question={question} />}
        </div>
      ))}
    </section>
  );
}

function Answer({ run, question }: { run: Run; question: Question }) {
  const t = useText(runTexts);
  const common = useText(commonTexts);
  const client = useQueryClient();
  const isTurn = question.kind === "user_turn";
  const [text, setText] = useState("");
  const [as, setAs] = useState<"text" | "json">("text");
  const json = as === "json" ? parsed(text) : null;
  const send = useMutation({
    mutationFn: (answer: unknown) => unwrap(api.POST("/api/v1/runs/{id}/answers", { params: { path: { id: run.run_id } }, body: { answers: { [question.id]: answer } } as never })),
    onSuccess: () => {
      setText("");
      toast(t("answered"));
      void client.invalidateQueries({ queryKey: ["runs"] });
      void client.invalidateQueries({ queryKey: ["campaigns"] });
    },
  });
  const submit = () => {
    if (as === "json" && !json) return;
    send.mutate(as === "json" ? json?.value : text);
  };
  const errors = send.error instanceof ApiError ? send.error.fields : new Map<string, string>();
  return (
    <FieldErrors value={errors}>
      <form className="grid max-w-2xl gap-2" onSubmit={(event) => { event.preventDefault(); submit(); }}>
        <Field label={isTurn ? t("asUser") : t("answer")} pointer={errors.has("/answer") ? "/answer" : "/answers"} hint={as === "json" && text && !json ? t("badJson") : t("sendKeys")}>
          <Textarea rows={2} value={text} onChange={(event) => setText(event.target.value)} onKeyDown={(event) => { if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) submit(); }} />
        </Field>
        <div className="flex flex-wrap items-center gap-2">
          <Button type="submit" variant="primary" busy={send.isPending} disabled={text.trim() === "" || (as === "json" && !json)}><Send aria-hidden />{t("send")}</Button>
          {!isTurn && <>
            <Button busy={send.isPending} onClick={() => send.mutate(true)}>{t("yes")}</Button>
            <Button busy={send.isPending} onClick={() => send.mutate(false)}>{t("no")}</Button>
            <Select aria-label={t("answerKind")} className="ml-auto w-28" value={as} onChange={(event) => setAs(event.target.value as "text" | "json")}>
              <option value="text">{t("asText")}</option><option value="json">{t("asJson")}</option>
            </Select>
          </>}
        </div>
        {send.error && errors.size === 0 && <p role="alert" className="text-sm text-bad">{messageOf(send.error, common("failedAct"))}</p>}
      </form>
    </FieldErrors>
  );
}

function parsed(text: string): { value: unknown } | null {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return null;
  }
}

function Webhook({ webhook }: { webhook: Schemas["RunWebhook"] }) {
  const t = useText(runTexts);
  return (
    <div className="text-sm">
      <p>{t("webhookHint")}</p>
      <p className="flex items-center gap-1 font-mono text-xs"><span className="truncate">{webhook.url}</span><CopyButton text={webhook.url} /></p>
      <p className="flex items-center gap-1 text-xs"><span>{t("secret")}</span><CopyButton text={webhook.secret} /></p>
    </div>
  );
}
