import { useNavigate, useParams } from "@tanstack/react-router";
import { useState } from "react";
import { Copy, Database, Ellipsis, ListChecks, Share2, Trash2 } from "lucide-react";
import { useMay } from "@/api/me";
import { useText } from "@/i18n";
import { ago, exactTime } from "@/lib/format";
import { useUrlState } from "@/lib/url-state";
import { Button } from "@/ui/button";
import { Confirm } from "@/ui/dialog";
import { Menu, MenuItem } from "@/ui/menu";
import { Page } from "@/ui/page";
import { Split } from "@/ui/split";
import { ErrorState, Loaded } from "@/ui/states";
import { toast } from "@/ui/toast";
import { actionTexts } from "./actions-i18n";
import { AddToDataset } from "./AddToDataset";
import { AddToQueue } from "./AddToQueue";
import { Trouble } from "./cells";
import { useNews, useObservation, useTrace, useTree } from "./data";
import { Details } from "./Details";
import { Explorer } from "./Explorer";
import { traceTexts } from "./i18n";
import type { Trace } from "./live";
import { useDeleteTraces } from "./mutations";
import { ShareDialog } from "./ShareDialog";
import { detailTexts } from "./trace-i18n";

/** One trace: its observations at the left, the chosen one at the right. */
export default function TracePage() {
  const { id } = useParams({ strict: false }) as { id: string };
  const trace = useTrace(id);
  return <Loaded query={trace}>{(data) => <Detail key={data.id} trace={data} />}</Loaded>;
}

function Detail({ trace }: { trace: Trace }) {
  const t = useText(detailTexts);
  const list = useText(traceTexts);
  const tree = useTree(trace.id);
  useNews(trace);
  const [{ obs }] = useUrlState({ obs: "" });
  const name = trace.name ?? list("unnamed");
  return (
    <Page
      title={name}
      back={{ to: "/traces", label: list("all") }}
      description={<span className="flex flex-wrap items-center gap-x-3 gap-y-1"><time dateTime={trace.timestamp} title={exactTime(trace.timestamp)}>{ago(trace.timestamp)}</time><Trouble errors={trace.error_count} warnings={trace.warning_count} /></span>}
      actions={<Actions trace={trace} chosen={obs} />}
    >
      <Split
        className="[--pane:calc(100dvh-8.5rem)]" name="trace" label={t("resize")}
        left={tree.error && tree.rows.length === 0
          ? <div className="card"><ErrorState error={tree.error} onRetry={() => void tree.refetch()} /></div>
          : <Explorer nodes={tree.rows} total={trace.observation_count} name={name} loading={tree.isPending || tree.hasNextPage} />}
        right={<Details trace={trace} chosen={obs} />}
      />
    </Page>
  );
}

function Actions({ trace, chosen }: { trace: Trace; chosen: string }) {
  const t = useText(detailTexts);
  const a = useText(actionTexts);
  const navigate = useNavigate();
  const mayWrite = useMay("traces_write");
  const mayAdd = useMay("resources_write");
  const remove = useDeleteTraces();
  const observation = useObservation(trace.id, chosen);
  const [open, setOpen] = useState<"share" | "dataset" | "queue" | "delete" | null>(null);
  const close = () => setOpen(null);
  const source = chosen !== "" && observation.data
    ? { trace_id: trace.id, observation_id: chosen, input: observation.data.input, output: observation.data.output }
    : { trace_id: trace.id, input: trace.input, output: trace.output };
  const copy = async () => {
    await navigator.clipboard.writeText(chosen || trace.id);
    toast(t("copied"));
  };
  return (
    <>
      {mayAdd && <Button disabled={chosen !== "" && !observation.data} onClick={() => setOpen("dataset")}><Database aria-hidden />{a("addToDataset")}</Button>}
      {mayAdd && <Button onClick={() => setOpen("queue")}><ListChecks aria-hidden />{a("addToQueue")}</Button>}
      {mayWrite && <Button onClick={() => setOpen("share")}><Share2 aria-hidden />{a("share")}</Button>}
      <Menu trigger={<Button size="icon" aria-label={t("more")}><Ellipsis aria-hidden /></Button>}>
        <MenuItem onSelect={() => void copy()}><Copy aria-hidden />{t("copyId")}</MenuItem>
        {mayWrite && <MenuItem danger onSelect={() => setOpen("delete")}><Trash2 aria-hidden />{t("delete")}</MenuItem>}
      </Menu>
      {open === "share" && <ShareDialog trace={trace.id} onClose={close} />}
      {open === "dataset" && <AddToDataset sources={[source]} onClose={close} />}
      {open === "queue" && <AddToQueue subjects={[{ trace_id: trace.id, ...(chosen ? { observation_id: chosen } : {}) }]} onClose={close} />}
      <Confirm
        open={open === "delete"} onClose={close} danger busy={remove.isPending} title={t("deleteTitle")} description={t("deleteText")} confirm={t("delete")}
        onConfirm={() => remove.mutate([trace.id], { onSuccess: () => void navigate({ to: "/traces" }), onSettled: close })}
      />
    </>
  );
}
