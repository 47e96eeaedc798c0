import { Link } from "@tanstack/react-router";
import { useDeferredValue, useEffect, useState } from "react";
import { Play, Plus, SearchX, Tags } from "lucide-react";
import { useMay } from "@/api/me";
import { usePages } from "@/api/pages";
import { labelKind } from "@/features/labels/kind";
import { useBoth, useText } from "@/i18n";
import { ago, exactTime, number } from "@/lib/format";
import { useUrlState } from "@/lib/url-state";
import { Badge } from "@/ui/badge";
import { Button, ButtonLink } from "@/ui/button";
import { SearchInput } from "@/ui/input";
import { Page } from "@/ui/page";
import { Empty, ErrorState, Loading } from "@/ui/states";
import { reviewTexts } from "./i18n";
import { ProgressBar } from "./ProgressBar";
import { type Queue, useProgress } from "./queue";

/** All review queues, each with how far it is. */
export default function QueuesPage() {
  const t = useText(reviewTexts);
  const both = useBoth();
  const mayWrite = useMay("resources_write");
  const [{ q }, set] = useUrlState({ q: "" });
  const [typed, setTyped] = useState(q);
  useEffect(() => setTyped(q), [q]);
  const asked = useDeferredValue(q);
  const list = usePages<Queue>({ key: ["review-queues", "list"], path: "/api/v1/review-queues", query: { q: asked || null }, limit: 50 });
  const create = mayWrite && <ButtonLink variant="primary" to="/review/new"><Plus aria-hidden />{t("create")}</ButtonLink>;
  const body = () => {
    if (list.error && list.rows.length === 0) return <ErrorState error={list.error} onRetry={() => void list.refetch()} />;
    if (list.isPending) return <Loading />;
    if (list.rows.length === 0 && !q) return <div className="card"><Empty action={mayWrite && <><ButtonLink variant="primary" to="/review/new"><Plus aria-hidden />{t("create")}</ButtonLink><ButtonLink to="/label-schemas/new"><Tags aria-hidden />{both(labelKind.create)}</ButtonLink></>}>{t("empty")}</Empty></div>;
    return (
      <div className="grid gap-3">
        <SearchInput label={t("search")} className="w-72 max-w-full" value={typed} onChange={(event) => { setTyped(event.target.value); set({ q: event.target.value }); }} />
        {list.rows.length === 0
          ? <div className="card"><Empty icon={SearchX} title={t("noMatch")} action={<Button onClick={() => set({ q: "" })}>{t("clear")}</Button>}>{t("noMatchText")}</Empty></div>
          : <ul className="card divide-y divide-line">{list.rows.map((queue) => <Row key={queue.id} queue={queue} />)}</ul>}
        {list.hasNextPage && <div><Button busy={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>…</Button></div>}
      </div>
    );
  };
  return <Page title={t("title")} actions={create}>{body()}</Page>;
}

function Row({ queue }: { queue: Queue }) {
  const t = useText(reviewTexts);
  const mayAnswer = useMay("scores_write");
  const { data: progress } = useProgress(queue.id);
  const waiting = progress ? progress.states.pending + progress.states.in_progress : 0;
  return (
    <li className="grid grid-cols-[minmax(0,1fr)_auto] items-center gap-x-6 gap-y-2 px-4 py-3 md:grid-cols-[minmax(0,1fr)_13rem_9rem_auto]">
      <div className="min-w-0">
        <p className="flex items-center gap-2">
          <Link to={`/review/${queue.id}`} className="truncate font-medium hover:text-accent hover:underline">{queue.name}</Link>
          {!queue.enabled && (queue.rules?.length ?? 0) > 0 && <Badge tone="warn">{t("off")}</Badge>}
        </p>
        <p className="truncate text-xs text-muted" title={exactTime(queue.updated_at)}>
          {queue.description || queue.label_schemas.map((one) => one.spec.name).join(", ")} · {ago(queue.updated_at)}
        </p>
      </div>
      <div className="max-md:col-span-2 max-md:row-start-2">{progress ? <ProgressBar progress={progress} /> : <div className="h-2 animate-pulse rounded-full bg-sunken" />}</div>
      <p className="hidden text-sm text-muted tabular-nums md:block">{progress && (waiting > 0 ? t("open", { n: number(waiting) }) : t("nothingWaits"))}</p>
      {mayAnswer ? <ButtonLink to={`/review/${queue.id}/work`} variant={waiting > 0 ? "primary" : "secondary"} aria-label={t("workOn", { name: queue.name })}><Play aria-hidden />{t("work")}</ButtonLink> : <span />}
    </li>
  );
}
