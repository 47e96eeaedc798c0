import { useMemo } from "react";
import { SearchX } from "lucide-react";
import type { Schemas } from "@/api/client";
import { usePages } from "@/api/pages";
import { useText } from "@/i18n";
import { ago, duration, exactTime, NOTHING } from "@/lib/format";
import { useUrlState } from "@/lib/url-state";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { type Column, DataTable } from "@/ui/data-table";
import { Select } from "@/ui/input";
import { Empty, ErrorState, Loading } from "@/ui/states";
import { type LabelAnswer, shownValue } from "./answers";
import { reviewTexts } from "./i18n";
import { usePeople } from "@/resource/people";
import { type Queue, queuePath, useProgress } from "./queue";
import { yesNo } from "./words";

type Annotation = Schemas["ReviewAnnotation"];

/** Answers as badges: question and value, with the note in words. */
export function AnswerList({ answers, short }: { answers: readonly LabelAnswer[]; short?: boolean }) {
  const t = useText(reviewTexts);
  return (
    <ul className={short ? "flex gap-1.5" : "flex flex-wrap gap-1.5"}>
      {answers.map((answer, index) => (
        <li key={index} className="max-w-full min-w-0">
          <Badge className="max-w-full">
            <span className="truncate">{answer.schema}{answer.turn != null ? `, ${t("turn", { n: answer.turn + 1 })}` : ""}: <span className="text-ink">{shownValue(answer.value, yesNo(t))}</span></span>
          </Badge>
          {!short && answer.note && <p className="mt-0.5 text-xs whitespace-pre-wrap text-muted">{answer.note}</p>}
        </li>
      ))}
    </ul>
  );
}

/** What people answered. */
export function AnnotationsTab({ queue }: { queue: Queue }) {
  const t = useText(reviewTexts);
  const { nameOf } = usePeople();
  const [{ person }, set] = useUrlState({ person: "" });
  const progress = useProgress(queue.id);
  const list = usePages<Annotation>({ key: ["review-queues", "annotations", queue.id], path: queuePath(queue.id, "annotations"), query: { person_id: person } });
  const columns = useMemo<Column<Annotation>[]>(() => [
    { id: "person", header: t("person"), width: 180, cell: (one) => nameOf(one.person_id) },
    { id: "answers", header: t("annotations"), grow: true, width: 320, cell: (one) => <AnswerList answers={one.answers} short /> },
    { id: "note", header: t("note"), width: 200, cell: (one) => <span className="text-muted" title={one.note}>{one.note || NOTHING}</span> },
    { id: "took", header: t("timeTaken"), width: 100, align: "end", cell: (one) => (one.started_at ? duration(new Date(one.answered_at).getTime() - new Date(one.started_at).getTime()) : NOTHING) },
    { id: "when", header: t("when"), width: 120, cell: (one) => <time dateTime={one.answered_at} title={exactTime(one.answered_at)} className="text-muted">{ago(one.answered_at)}</time> },
  ], [t, nameOf]);
  const [, setTab] = useUrlState({ tab: "overview", item: "" });
  if (list.error && list.rows.length === 0) return <ErrorState error={list.error} onRetry={() => void list.refetch()} />;
  if (list.isPending) return <Loading />;
  if (list.rows.length === 0 && !person) return <div className="card"><Empty title={t("noAnswers")}>{t("noAnswersText")}</Empty></div>;
  return (
    <DataTable
      name="review-annotations"
      label={t("annotations")}
      rows={list.rows}
      columns={columns}
      rowId={(one) => `${one.item_id}-${one.slot}`}
      onOpen={(one) => setTab({ tab: "items", item: one.item_id }, { push: true })}
      onEnd={() => void list.fetchNextPage()}
      hasMore={list.hasNextPage}
      loadingMore={list.isFetchingNextPage}
      toolbar={(
        <Select className="w-56" aria-label={t("person")} value={person} onChange={(event) => set({ person: event.target.value })}>
          <option value="">{t("anyone")}</option>
          {(progress.data?.people ?? []).map((one) => <option key={one.person_id} value={one.person_id}>{nameOf(one.person_id)}</option>)}
        </Select>
      )}
      empty={<Empty icon={SearchX} title={t("noMatch")} action={<Button onClick={() => set({ person: "" })}>{t("clear")}</Button>} />}
    />
  );
}
