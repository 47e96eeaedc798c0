import { Link } from "@tanstack/react-router";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Plus, X } from "lucide-react";
import { request } from "@/api/client";
import { ApiError } from "@/api/error";
import { useMay, useMe } from "@/api/me";
import { useText } from "@/i18n";
import { score as scoreText } from "@/lib/format";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { Field, FieldErrors } from "@/ui/field";
import { Input, Select, Textarea } from "@/ui/input";
import { messageOf } from "@/ui/states";
import { toast, toastError } from "@/ui/toast";
import { When } from "./cells";
import { type GivenScore, useGiveScore } from "./mutations";
import { type Score, valueText } from "./scores";
import { detailTexts } from "./trace-i18n";

const TYPES = ["NUMERIC", "BOOLEAN", "CATEGORICAL", "TEXT", "CORRECTION"] as const;

/** Scores of a trace, an observation or a session: read, given, taken away. */
export function ScoresPanel({ scores, of }: { scores: readonly Score[]; of: { trace_id: string; observation_id?: string | null; session_id?: string | null } }) {
  const t = useText(detailTexts);
  const mayScore = useMay("scores_write");
  const [adding, setAdding] = useState(false);
  return (
    <div className="grid gap-3">
      {scores.length === 0 && !adding && <p className="text-sm text-muted">{t(mayScore ? "noScores" : "noScoresYet")}</p>}
      {scores.length > 0 && <ul className="card divide-y divide-line">{scores.map((one) => <ScoreRow key={one.id} score={one} mayRemove={mayScore} elsewhere={(one.observation_id ?? null) !== (of.observation_id ?? null)} />)}</ul>}
      {mayScore && (adding ? <GiveScore of={of} onClose={() => setAdding(false)} /> : <div><Button size="sm" onClick={() => setAdding(true)}><Plus aria-hidden />{t("addScore")}</Button></div>)}
    </div>
  );
}

interface Judged {
  passed?: boolean;
  threshold?: number;
}

function ScoreRow({ score, mayRemove, elsewhere }: { score: Score; mayRemove: boolean; /** Whether it is of an observation and not of what is looked at. */ elsewhere: boolean }) {
  const t = useText(detailTexts);
  const client = useQueryClient();
  const refresh = () => client.invalidateQueries({ queryKey: ["scores"] });
  const remove = useMutation({
    mutationFn: () => request("DELETE", `/api/v1/scores/${encodeURIComponent(score.id)}`),
    onSuccess: async () => {
      // The same score with the same id: given again it is as it was.
      const restore = () => void request("POST", "/api/v1/scores", { body: score }).catch((error: unknown) => toastError(messageOf(error, t("failed")))).then(refresh);
      toast(t("scoreRemoved", { name: score.name }), { undo: restore });
      await refresh();
    },
    onError: (error) => toastError(messageOf(error, t("failed"))),
  });
  const judged = (score.metadata ?? {}) as Judged;
  return (
    <li className="grid gap-1 px-3 py-2 text-sm">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <span className="font-medium">{score.name}</span>
        {elsewhere && score.observation_id && <Link to="." search={((before: object) => ({ ...before, obs: score.observation_id })) as never} className="text-xs text-accent hover:underline">{t("ofObservation")}</Link>}
        {score.data_type !== "CORRECTION" && score.data_type !== "TEXT" && <span className="tabular-nums">{valueText(score)}</span>}
        {typeof judged.passed === "boolean" && <Badge dot tone={judged.passed ? "good" : "bad"}>{t(judged.passed ? "passed" : "notPassed")}</Badge>}
        {typeof judged.threshold === "number" && <span className="text-xs text-muted">{t("threshold", { n: scoreText(judged.threshold) })}</span>}
        <span className="ml-auto flex items-center gap-2 text-xs text-muted">{t(score.source)} · <When at={score.timestamp} /></span>
        {mayRemove && <Button variant="ghost" size="icon-sm" className="-my-1 -mr-1" aria-label={t("removeScore", { name: score.name })} busy={remove.isPending} onClick={() => remove.mutate()}><X aria-hidden /></Button>}
      </div>
      {(score.data_type === "CORRECTION" || score.data_type === "TEXT") && <p className="wrap-anywhere whitespace-pre-wrap">{score.string_value}</p>}
      {score.comment && <p className="text-xs wrap-anywhere whitespace-pre-wrap text-muted">{score.comment}</p>}
    </li>
  );
}

function GiveScore({ of, onClose }: { of: { trace_id: string; observation_id?: string | null; session_id?: string | null }; onClose(): void }) {
  const t = useText(detailTexts);
  const me = useMe();
  const give = useGiveScore();
  const [name, setName] = useState("");
  const [type, setType] = useState<(typeof TYPES)[number]>("NUMERIC");
  const [value, setValue] = useState("");
  const [comment, setComment] = useState("");
  const fields = give.error instanceof ApiError ? give.error.fields : new Map<string, string>();
  const numeric = type === "NUMERIC" || type === "BOOLEAN";
  const submit = () => {
    const score: GivenScore = {
      ...of, name, data_type: type, source: "ANNOTATION", comment: comment || null, author_id: me.user?.id ?? null,
      ...(numeric ? { value: type === "BOOLEAN" ? Number(value === "" ? 1 : value) : value === "" ? null : Number(value) } : { string_value: value }),
    };
    give.mutate(score, { onSuccess: () => { toast(t("scoreGiven", { name })); onClose(); } });
  };
  return (
    <FieldErrors value={fields}>
      <form className="card grid gap-3 p-3" onSubmit={(event) => { event.preventDefault(); submit(); }}>
        <div className="grid gap-3 sm:grid-cols-3">
          <Field label={t("scoreName")} pointer="/name" required><Input autoFocus value={name} onChange={(event) => setName(event.target.value)} /></Field>
          <Field label={t("dataType")} pointer="/data_type">
            <Select value={type} onChange={(event) => { setType(event.target.value as typeof type); setValue(""); }}>
              {TYPES.filter((one) => one !== "CORRECTION" || of.trace_id !== "").map((one) => <option key={one} value={one}>{t(one)}</option>)}
            </Select>
          </Field>
          {type !== "TEXT" && type !== "CORRECTION" && (
            <Field label={t("value")} pointer={numeric ? "/value" : "/string_value"} required>
              {type === "BOOLEAN"
                ? <Select value={value || "1"} onChange={(event) => setValue(event.target.value)}><option value="1">{t("yes")}</option><option value="0">{t("no")}</option></Select>
                : <Input type={type === "NUMERIC" ? "number" : "text"} step="any" value={value} onChange={(event) => setValue(event.target.value)} />}
            </Field>
          )}
        </div>
        {(type === "TEXT" || type === "CORRECTION") && <Field label={t("value")} pointer="/string_value" required><Textarea value={value} onChange={(event) => setValue(event.target.value)} /></Field>}
        <Field label={t("comment")} pointer="/comment"><Input value={comment} onChange={(event) => setComment(event.target.value)} /></Field>
        {give.error && <p role="alert" className="text-sm text-bad">{messageOf(give.error, t("failed"))}</p>}
        <div className="flex gap-2">
          <Button type="submit" variant="primary" size="sm" busy={give.isPending}>{t("give")}</Button>
          <Button variant="ghost" size="sm" onClick={onClose}>{t("cancel")}</Button>
        </div>
      </form>
    </FieldErrors>
  );
}
