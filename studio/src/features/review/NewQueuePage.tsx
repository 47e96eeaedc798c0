import { useNavigate } from "@tanstack/react-router";
import { useQueryClient } from "@tanstack/react-query";
import { useMemo } from "react";
import { type Schemas, request } from "@/api/client";
import { useMay } from "@/api/me";
import { useText } from "@/i18n";
import { useUrlState } from "@/lib/url-state";
import { DraftForm, useDraft } from "@/resource/draft";
import { resourceTexts } from "@/resource/i18n";
import { Button } from "@/ui/button";
import { Page } from "@/ui/page";
import { NoPermission } from "@/ui/states";
import { toast } from "@/ui/toast";
import { reviewTexts } from "./i18n";
import { queueFormTexts } from "./i18n-form";
import type { QueueSpec } from "./queue";
import { QueueForm } from "./QueueForm";

/** A new queue. `?schema=` is a label schema that it begins with. */
export default function NewQueuePage() {
  const t = useText(queueFormTexts);
  const r = useText(reviewTexts);
  const s = useText(resourceTexts);
  const navigate = useNavigate();
  const client = useQueryClient();
  const mayWrite = useMay("resources_write");
  const [{ schema }] = useUrlState({ schema: "" });
  const initial = useMemo<QueueSpec>(() => ({ name: "", label_schema_ids: schema ? [schema] : [] }), [schema]);
  const draft = useDraft<QueueSpec, Schemas["ReviewQueue"]>(
    initial,
    async (value) => (await request<Schemas["ReviewQueue"]>("POST", "/api/v1/review-queues", { body: value })).data,
    (queue) => {
      toast(t("created", { name: queue.name }));
      void client.invalidateQueries({ queryKey: ["review-queues"] });
      void navigate({ to: `/review/${queue.id}` });
    },
    true,
  );
  if (!mayWrite) return <NoPermission />;
  return (
    <Page title={t("new")} back={{ to: "/review", label: r("all") }} wide={false}>
      <DraftForm draft={draft} buttons={<div><Button type="submit" variant="primary" busy={draft.saving}>{s("create")}</Button></div>}>
        <QueueForm draft={draft} />
      </DraftForm>
    </Page>
  );
}
