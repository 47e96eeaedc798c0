import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useParams } from "@tanstack/react-router";
import { lazy, Suspense, useMemo, useState } from "react";
import { Download, Ellipsis, Play, Plus, Trash2 } from "lucide-react";
import { request, type Schemas } from "@/api/client";
import { useMay } from "@/api/me";
import { useText } from "@/i18n";
import { useUrlState } from "@/lib/url-state";
import { DraftButtons, DraftForm, useDraft } from "@/resource/draft";
import { Button, ButtonLink } from "@/ui/button";
import { Confirm } from "@/ui/dialog";
import { Menu, MenuItem } from "@/ui/menu";
import { Page } from "@/ui/page";
import { Loaded, Loading, messageOf } from "@/ui/states";
import { Tabs } from "@/ui/tabs";
import { toast, toastError } from "@/ui/toast";
import { AddItems } from "./AddItems";
import { AnnotationsTab } from "./AnnotationsTab";
import { ExportDialog } from "./ExportDialog";
import { reviewTexts } from "./i18n";
import { queueFormTexts } from "./i18n-form";
import { ItemsTab } from "./ItemsTab";
import { OverviewTab } from "./OverviewTab";
import { type Queue, queuePath, type QueueSpec, useQueue } from "./queue";
import { QueueForm } from "./QueueForm";

const AgreementTab = lazy(() => import("./AgreementTab"));
const JudgesTab = lazy(() => import("./JudgesTab"));
const TABS = ["overview", "items", "annotations", "agreement", "judges", "settings"] as const;

/** One queue: how far it is, what is in it, what came of it. */
export default function QueuePage() {
  const { id } = useParams({ strict: false }) as { id: string };
  const queue = useQueue(id);
  return <Loaded query={queue}>{({ data, etag }) => <Detail key={data.id} queue={data} etag={etag} />}</Loaded>;
}

function Detail({ queue, etag }: { queue: Queue; etag: string | null }) {
  const t = useText(reviewTexts);
  const mayWrite = useMay("resources_write");
  const mayAnswer = useMay("scores_write");
  const [{ tab }, set] = useUrlState({ tab: "overview" });
  const [dialog, setDialog] = useState<"add" | "export" | "delete" | null>(null);
  const part = TABS.find((one) => one === tab) ?? "overview";
  return (
    <Page
      title={queue.name}
      description={queue.description}
      back={{ to: "/review", label: t("all") }}
      actions={<>
        {mayWrite && <Button onClick={() => setDialog("add")}><Plus aria-hidden />{t("addItems")}</Button>}
        {mayWrite && (
          <Menu trigger={<Button size="icon" aria-label={t("more")}><Ellipsis aria-hidden /></Button>}>
            <MenuItem onSelect={() => setDialog("export")}><Download aria-hidden />{t("exportLong")}</MenuItem>
            <MenuItem danger onSelect={() => setDialog("delete")}><Trash2 aria-hidden />{t("delete")}</MenuItem>
          </Menu>
        )}
        {mayAnswer && <ButtonLink variant="primary" to={`/review/${queue.id}/work`}><Play aria-hidden />{t("work")}</ButtonLink>}
      </>}
    >
      <Tabs label={queue.name} value={part} onChange={(next) => set({ tab: next }, { push: true })} tabs={TABS.map((value) => ({ value, label: t(value) }))}>
        <Suspense fallback={<Loading />}>
          {part === "overview" && <OverviewTab queue={queue} onAdd={() => setDialog("add")} />}
          {part === "items" && <ItemsTab queue={queue} onAdd={() => setDialog("add")} />}
          {part === "annotations" && <AnnotationsTab queue={queue} />}
          {part === "agreement" && <AgreementTab id={queue.id} />}
          {part === "judges" && <JudgesTab id={queue.id} />}
          {part === "settings" && <Settings queue={queue} etag={etag} mayWrite={mayWrite} />}
        </Suspense>
      </Tabs>
      {dialog === "add" && <AddItems queue={queue} onClose={() => setDialog(null)} />}
      {dialog === "export" && <ExportDialog queue={queue} onClose={() => setDialog(null)} />}
      {dialog === "delete" && <Delete queue={queue} onClose={() => setDialog(null)} />}
    </Page>
  );
}

function Settings({ queue, etag, mayWrite }: { queue: Queue; etag: string | null; mayWrite: boolean }) {
  const t = useText(queueFormTexts);
  const client = useQueryClient();
  const initial = useMemo<QueueSpec>(() => {
    const { name, description, label_schema_ids, annotators_per_item, lease_s, max_skips, show_scores, enabled, assignees, rules } = queue;
    return { name, description, label_schema_ids, annotators_per_item, lease_s, max_skips, show_scores, enabled, assignees: assignees ?? [], rules: rules ?? [] };
  }, [queue]);
  const draft = useDraft<QueueSpec, Queue>(
    initial,
    async ({ label_schema_ids: _, ...changes }) => (await request<Queue>("PATCH", queuePath(queue.id), {
      // What was emptied goes back to its default.
      body: { ...changes, annotators_per_item: changes.annotators_per_item ?? null, lease_s: changes.lease_s ?? null, max_skips: changes.max_skips ?? null },
      headers: etag ? { "if-match": etag } : {},
    })).data,
    () => {
      toast(t("saved"));
      return client.invalidateQueries({ queryKey: ["review-queues"] });
    },
    true,
  );
  return (
    <div className="max-w-3xl">
      <DraftForm draft={draft} disabled={!mayWrite} buttons={mayWrite && <DraftButtons draft={draft} sticky />}><QueueForm draft={draft} queue={queue} /></DraftForm>
    </div>
  );
}

function Delete({ queue, onClose }: { queue: Queue; onClose(): void }) {
  const t = useText(reviewTexts);
  const client = useQueryClient();
  const navigate = useNavigate();
  const remove = useMutation({
    mutationFn: () => request<Schemas["ReviewQueue"] | null>("DELETE", queuePath(queue.id)),
    onSuccess: async () => {
      await navigate({ to: "/review" });
      toast(t("deleted", { name: queue.name }));
      void client.invalidateQueries({ queryKey: ["review-queues", "list"] });
    },
    onError: (error) => toastError(messageOf(error, t("failed_toast"))),
  });
  return <Confirm open onClose={onClose} danger title={t("deleteTitle")} description={t("deleteText")} confirm={t("delete")} busy={remove.isPending} onConfirm={() => remove.mutate()} />;
}
