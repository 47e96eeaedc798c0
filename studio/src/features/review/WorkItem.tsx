import { useMutation, useQuery } from "@tanstack/react-query";
import { useMemo, useRef, useState } from "react";
import { Undo2 } from "lucide-react";
import { api, request, type Schemas, unwrap } from "@/api/client";
import { ApiError } from "@/api/error";
import type { Page } from "@/api/pages";
import { useText } from "@/i18n";
import { useShortcuts, type Shortcut } from "@/lib/keyboard";
import { Kbd } from "@/ui/badge";
import { Button } from "@/ui/button";
import { Textarea } from "@/ui/input";
import { messageOf } from "@/ui/states";
import { toastError } from "@/ui/toast";
import { type Answered, answersOf, complaintsOf, missing, nextOf, optionOf, optionsOf, type Question, questionsOf } from "./answers";
import { Content } from "./Content";
import { reviewTexts } from "./i18n";
import { workTexts } from "./i18n-work";
import { type Done, LastAnswered } from "./LastAnswered";
import { Lease } from "./Lease";
import { MachineScoreView } from "./MachinePanel";
import { OverrideDialog, Overrides } from "./Override";
import { QuestionList } from "./QuestionList";
import { metricOf, seenOf, turnsOf } from "./queue";
import { SkipDialog } from "./SkipDialog";
import { yesNo } from "./words";

type Claimed = Schemas["ClaimedItem"];
const NONE: readonly { id: string; name: string }[] = [];

/** One claimed item: what there is to look at, beside what is asked of it. */
export function WorkItem({ item, busy, onDone, onRenew, onRelease, releasing, last }: {
  item: Claimed;
  /** Whether the next item is being fetched. */
  busy: boolean;
  onDone(done?: Done): void;
  onRenew(): void;
  onRelease(): void;
  releasing: boolean;
  last: Done | null;
}) {
  const t = useText(workTexts);
  const r = useText(reviewTexts);
  const seen = seenOf(item.content);
  const metric = metricOf(item.subject);
  const runId = item.subject.type === "run" ? item.subject.run_id : null;
  const observations = useObservations(item, seen?.trace_id ?? null);
  const questions = useMemo(() => questionsOf(item.label_schemas, turnsOf(seen), observations), [item.label_schemas, seen, observations]);
  const [answers, setAnswers] = useState<Record<string, Answered>>({});
  const [note, setNote] = useState("");
  const [active, setActive] = useState(0);
  const [dialog, setDialog] = useState<"skip" | "override" | null>(null);
  const [nudge, setNudge] = useState("");
  const panel = useRef<HTMLDivElement>(null);
  const { sent, keys } = answersOf(questions, answers);
  const canOverride = runId !== null && metric !== null && Boolean(item.machine);

  const submit = useMutation({
    mutationFn: () => unwrap(api.POST("/api/v1/review-queues/{id}/items/{item_id}/answers", { params: { path: { id: item.queue_id, item_id: item.id } }, body: { answers: sent, note } })),
    onSuccess: ({ gold }) => onDone({ subject: item.subject, answers: sent, gold }),
  });
  const skip = useMutation({
    mutationFn: (reason: string) => unwrap(api.POST("/api/v1/review-queues/{id}/items/{item_id}/skip", { params: { path: { id: item.queue_id, item_id: item.id } }, body: { reason } })),
    onSuccess: () => onDone(),
    onError: (error) => toastError(messageOf(error, r("failed_toast"))),
  });
  const working = submit.isPending || skip.isPending || busy;
  const complaints = submit.error instanceof ApiError ? complaintsOf(submit.error.fields, keys) : {};

  /** To a question; where its answer is typed, the cursor goes with it. */
  const go = (index: number) => {
    setActive(index);
    const group = panel.current?.querySelectorAll<HTMLElement>("[data-question]")[index];
    const typed = group?.querySelector<HTMLElement>("[data-typed]");
    // At once: the next key may be the first of what is typed.
    if (typed) typed.focus();
    else if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
  };
  const change = (key: string, answered: Answered) => {
    setNudge("");
    if (submit.error) submit.reset();
    setAnswers((before) => ({ ...before, [key]: answered }));
  };
  const choose = (key: string) => {
    const question = questions[active];
    const option = question && optionOf(optionsOf(question.spec, yesNo(r)) ?? [], key);
    if (!question || !option) return;
    const answered = { ...answers[question.key], value: option.value };
    change(question.key, answered);
    const next = nextOf(questions, { ...answers, [question.key]: answered }, active);
    if (next !== active) go(next);
  };
  const send = () => {
    if (working) return;
    const open = missing(questions, answers);
    if (open) {
      setNudge(t("missing", { name: open.spec.name }));
      go(questions.indexOf(open));
      return;
    }
    submit.mutate();
  };
  const label = (en: string, vi: string) => ({ en, vi });
  const shortcuts: Shortcut[] = [
    ...choiceKeys(questions).map((key): Shortcut => ({ keys: key, label: label(workTexts.en.keyAnswer, workTexts.vi.keyAnswer as string), run: () => choose(key) })),
    { keys: "ArrowDown", label: label(workTexts.en.keyNext, workTexts.vi.keyNext as string), run: () => go(Math.min(active + 1, questions.length - 1)) },
    { keys: "ArrowUp", label: label(workTexts.en.keyPrevious, workTexts.vi.keyPrevious as string), run: () => go(Math.max(active - 1, 0)) },
    { keys: "Enter", label: label(workTexts.en.keySubmit, workTexts.vi.keySubmit as string), run: send },
    { keys: "Mod+Enter", label: label(workTexts.en.keySubmit, workTexts.vi.keySubmit as string), whileTyping: true, run: () => { if (!dialog) send(); } },
    { keys: "s", label: label(workTexts.en.keySkip, workTexts.vi.keySkip as string), run: () => setDialog("skip") },
    { keys: "r", label: label(workTexts.en.keyRelease, workTexts.vi.keyRelease as string), run: onRelease },
    { keys: "m", label: label(workTexts.en.keyNote, workTexts.vi.keyNote as string), run: () => panel.current?.querySelector<HTMLElement>("[data-note]")?.focus() },
    ...(canOverride ? [{ keys: "o", label: label(workTexts.en.keyOverride, workTexts.vi.keyOverride as string), run: () => setDialog("override") }] : []),
  ];
  // What was sent is not changed any more, while the next item is on its way.
  useShortcuts(shortcuts.map((shortcut) => ({ ...shortcut, run: (event) => { if (!working) shortcut.run(event); } })));

  return (
    <div className="grid items-start gap-4 md:grid-cols-[minmax(0,1fr)_minmax(20rem,26rem)]">
      <div className="grid gap-4">
        <section className="card grid gap-2 p-3" aria-label={r("machine")}>
          <h2 className="label">{r("machine")}{metric ? `: ${metric}` : ""}</h2>
          {item.machine ? (
            <>
              <MachineScoreView machine={item.machine} metric={null} />
              {canOverride && <Overrides runId={runId} metric={metric} onOverride={() => setDialog("override")} />}
            </>
          ) : <p className="text-sm text-muted">{metric ? r("machineHidden") : r("noMachine")}</p>}
        </section>
        <Content subject={item.subject} seen={seen} />
      </div>
      <div ref={panel} className="grid gap-3 md:sticky md:top-4 md:max-h-[calc(100dvh-2rem)] md:overflow-y-auto">
        <section className="card grid gap-3 p-3" aria-label={r("questions")} data-item={item.id}>
          <div className="flex items-center justify-between gap-2">
            <h2 className="font-semibold">{r("questions")}</h2>
            <Lease until={item.lease_until} onRenew={onRenew} />
          </div>
          <QuestionList questions={questions} answers={answers} active={active} onActive={setActive} onChange={change} complaints={complaints} />
          <Textarea data-note rows={1} className="min-h-8" aria-label={r("wholeNote")} placeholder={r("wholeNote")} value={note} onChange={(event) => setNote(event.target.value)} />
          {nudge && <p role="alert" className="text-sm font-medium text-warn">{nudge}</p>}
          {submit.error != null && Object.keys(complaints).length === 0 && <p role="alert" className="rounded-md bg-bad-soft px-3 py-2 text-sm text-bad">{messageOf(submit.error, r("failed_toast"))}</p>}
          <div className="sticky bottom-0 -mx-3 -mb-3 flex flex-wrap items-center gap-2 rounded-b-lg border-t border-line bg-surface p-3">
            <Button variant="primary" busy={working} onClick={send}>{t("answer")}<Kbd>Enter</Kbd></Button>
            <Button disabled={working} onClick={() => setDialog("skip")}>{t("skip")}<Kbd>S</Kbd></Button>
            <Button variant="ghost" busy={releasing} onClick={onRelease} title={t("releaseFirst")}><Undo2 aria-hidden />{t("release")}<Kbd>R</Kbd></Button>
          </div>
        </section>
        {last && <LastAnswered done={last} />}
      </div>
      {dialog === "skip" && <SkipDialog busy={skip.isPending} onSkip={(reason) => skip.mutate(reason)} onClose={() => setDialog(null)} />}
      {dialog === "override" && canOverride && <OverrideDialog runId={runId} metric={metric} onClose={() => setDialog(null)} />}
    </div>
  );
}

/** The keys that choose an answer to any of the questions. */
function choiceKeys(questions: readonly Question[]): string[] {
  const keys = questions.flatMap(({ spec }) => (optionsOf(spec, { yes: "", no: "" }) ?? []).flatMap(({ key }, index) => (spec.kind === "boolean" ? [key, String(index + 1)] : [key])));
  return [...new Set(keys)].filter(Boolean).sort();
}

/** The observations that questions may be about; read only where a schema asks about them. */
function useObservations(item: Claimed, trace: string | null): readonly { id: string; name: string }[] {
  const asked = item.label_schemas.some(({ spec }) => spec.target === "observation");
  const { data } = useQuery({
    queryKey: ["observations", "of-trace", trace],
    enabled: asked && trace !== null,
    queryFn: async ({ signal }) => {
      const tree = await request<Page<{ id: string; name?: string | null; type: string }>>("GET", "/api/v1/observations", { query: { trace_id: trace, limit: 50 }, signal });
      return tree.data.data.map((one) => ({ id: one.id, name: `${one.type} ${one.name ?? ""}`.trim() }));
    },
  });
  return data ?? NONE;
}
