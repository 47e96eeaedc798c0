import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useParams } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { Keyboard, PartyPopper } from "lucide-react";
import { api, type Schemas, unwrap } from "@/api/client";
import { ApiError } from "@/api/error";
import { useMay } from "@/api/me";
import { useText } from "@/i18n";
import { number } from "@/lib/format";
import { Button, ButtonLink } from "@/ui/button";
import { Page } from "@/ui/page";
import { Empty, ErrorState, Loading, messageOf, NoPermission } from "@/ui/states";
import { toast, toastError } from "@/ui/toast";
import { type Done, LastAnswered } from "./LastAnswered";
import { workTexts } from "./i18n-work";
import { reviewTexts } from "./i18n";
import { useProgress, useQueue } from "./queue";
import { WorkItem } from "./WorkItem";

/** Working through a queue: one item after the other, by the keyboard alone. */
export default function WorkPage() {
  const { id } = useParams({ strict: false }) as { id: string };
  const t = useText(workTexts);
  const may = useMay("scores_write");
  const queue = useQueue(id);
  const name = queue.data?.data.name;
  if (!may) return <NoPermission />;
  if (queue.error) return <ErrorState error={queue.error} onRetry={() => void queue.refetch()} />;
  if (!name) return <Page title="…"><Loading /></Page>;
  return <Work key={id} id={id} title={t("title", { name })} />;
}

function Work({ id, title }: { id: string; title: string }) {
  const t = useText(workTexts);
  const r = useText(reviewTexts);
  const client = useQueryClient();
  const navigate = useNavigate();
  const progress = useProgress(id);
  const [last, setLast] = useState<Done | null>(null);
  const [count, setCount] = useState(0);
  // A claim changes what is stored, and asked twice it gives the same item: who comes back goes on where they were.
  const claim = useQuery({
    queryKey: ["review-claim", id],
    queryFn: () => unwrap(api.POST("/api/v1/review-queues/{id}/claim", { params: { path: { id } } })),
    retry: false,
    staleTime: Infinity,
    gcTime: 0,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  });
  const next = async (done?: Done) => {
    await claim.refetch();
    // With the next item, not before: until then the page shows the one that was answered.
    if (done) {
      setLast(done);
      setCount((before) => before + 1);
    }
    void client.invalidateQueries({ queryKey: ["review-queues"] });
  };
  const leave = useMutation({
    mutationFn: (item: Schemas["ClaimedItem"]) => unwrap(api.POST("/api/v1/review-queues/{id}/items/{item_id}/release", { params: { path: { id, item_id: item.id } } })),
    onSuccess: () => {
      toast(t("released"));
      void navigate({ to: `/review/${id}` });
    },
    onError: (error) => toastError(messageOf(error, r("failed_toast"))),
  });
  useEffect(() => () => void client.invalidateQueries({ queryKey: ["review-queues"] }), [client]);
  const states = progress.data?.states;
  const item = claim.data?.item;
  return (
    <Page
      title={title}
      back={{ to: `/review/${id}`, label: t("back") }}
      description={(
        <span className="flex flex-wrap items-center gap-x-4 tabular-nums" role="status">
          {states && progress.data && <span>{r("progress", { done: number(states.done), n: number(progress.data.items) })}</span>}
          {states && <span>{t("left", { n: number(states.pending + states.in_progress) })}</span>}
          {count > 0 && <span>{t("sessionCount", { n: count })}</span>}
        </span>
      )}
      actions={<Button variant="ghost" onClick={() => window.dispatchEvent(new KeyboardEvent("keydown", { key: "?", bubbles: true }))}><Keyboard aria-hidden />{t("help")}</Button>}
    >
      {claim.error && !claim.isFetching
        ? claim.error instanceof ApiError && claim.error.status === 403
          ? <div className="card"><Empty title={r("nothingWaits")}>{t("notYours")}</Empty></div>
          : <ErrorState error={claim.error} onRetry={() => void claim.refetch()} />
        : claim.isPending ? <Loading />
        : item ? (
          <WorkItem key={item.id} item={item} busy={claim.isFetching} onDone={(done) => void next(done)} onRenew={() => void claim.refetch()} onRelease={() => leave.mutate(item)} releasing={leave.isPending} last={last} />
        ) : (
          <div className="grid gap-4">
            <div className="card">
              <Empty icon={PartyPopper} title={t("none")} action={<><ButtonLink variant="primary" to={`/review/${id}`}>{t("back")}</ButtonLink><Button busy={claim.isFetching} onClick={() => void claim.refetch()}>{t("look")}</Button></>}>{t("noneText")}</Empty>
            </div>
            {last && <LastAnswered done={last} />}
          </div>
        )}
    </Page>
  );
}
