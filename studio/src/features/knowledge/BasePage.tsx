import { useNavigate, useParams } from "@tanstack/react-router";
import { useMemo } from "react";
import { Trash2 } from "lucide-react";
import { useMay } from "@/api/me";
import { useText } from "@/i18n";
import { useUrlState } from "@/lib/url-state";
import { useRemove, useResource } from "@/resource/data";
import { useResourceForm } from "@/resource/form";
import { resourceTexts } from "@/resource/i18n";
import { specOf } from "@/resource/kind";
import { ResourceFormFrame } from "@/resource/ResourceFormFrame";
import { Button } from "@/ui/button";
import { Page } from "@/ui/page";
import { Loaded } from "@/ui/states";
import { Tabs } from "@/ui/tabs";
import { toast } from "@/ui/toast";
import { BaseForm } from "./BaseForm";
import { Documents } from "./Documents";
import { knowledgeTexts } from "./i18n";
import { type KnowledgeBase, type KnowledgeBaseSpec, knowledgeKind } from "./kind";

/** One knowledge base: its documents, its settings. */
export default function BasePage() {
  const { id } = useParams({ strict: false }) as { id: string };
  const base = useResource(knowledgeKind, id);
  return <Loaded query={base}>{({ data, etag }) => <Detail key={data.id} base={data} etag={etag} />}</Loaded>;
}

function Detail({ base, etag }: { base: KnowledgeBase; etag: string | null }) {
  const t = useText(knowledgeTexts);
  const navigate = useNavigate();
  const mayWrite = useMay(knowledgeKind.write);
  const remove = useRemove(knowledgeKind);
  const [{ tab }, setTab] = useUrlState({ tab: "documents", q: "", sort: "-updated_at", document: "" });
  const part = tab === "settings" ? tab : "documents";
  return (
    <Page
      title={base.name}
      description={[t("nDocuments", { n: base.document_count }), base.description].filter(Boolean).join(" · ")}
      back={{ to: "/knowledge", label: t("all") }}
      actions={mayWrite && (
        <Button variant="danger" busy={remove.isPending} onClick={() => remove.mutate([base.id], { onSuccess: () => void navigate({ to: "/knowledge" }) })}>
          <Trash2 aria-hidden />{t("delete")}
        </Button>
      )}
    >
      <Tabs
        label={base.name}
        value={part}
        onChange={(next) => setTab({ tab: next, q: "", sort: "-updated_at", document: "" }, { push: true })}
        tabs={[{ value: "documents", label: t("documents") }, { value: "settings", label: t("settings") }]}
      >
        {part === "documents" ? <Documents base={base.id} mayWrite={mayWrite} /> : <Settings base={base} etag={etag} mayWrite={mayWrite} />}
      </Tabs>
    </Page>
  );
}

function Settings({ base, etag, mayWrite }: { base: KnowledgeBase; etag: string | null; mayWrite: boolean }) {
  const t = useText(resourceTexts);
  const initial = useMemo(() => specOf<KnowledgeBase, KnowledgeBaseSpec>(knowledgeKind, base), [base]);
  const form = useResourceForm<KnowledgeBase, KnowledgeBaseSpec>(knowledgeKind, initial, { id: base.id, etag });
  return (
    <div className="max-w-3xl">
      <ResourceFormFrame kind={knowledgeKind} form={form} isNew={false} mayWrite={mayWrite} onSaved={(saved) => toast(t("saved", { n: saved.version }))}>
        <BaseForm form={form} />
      </ResourceFormFrame>
    </div>
  );
}
