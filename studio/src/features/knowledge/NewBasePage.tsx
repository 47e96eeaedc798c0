import { useNavigate } from "@tanstack/react-router";
import { useMay } from "@/api/me";
import { useBoth, useText } from "@/i18n";
import { useResourceForm } from "@/resource/form";
import { ResourceFormFrame } from "@/resource/ResourceFormFrame";
import { Page } from "@/ui/page";
import { NoPermission } from "@/ui/states";
import { toast } from "@/ui/toast";
import { BaseForm } from "./BaseForm";
import { knowledgeTexts } from "./i18n";
import { type KnowledgeBase, type KnowledgeBaseSpec, knowledgeKind } from "./kind";

const NEW: KnowledgeBaseSpec = { name: "" };

/** A new knowledge base; its documents come next. */
export default function NewBasePage() {
  const t = useText(knowledgeTexts);
  const both = useBoth();
  const navigate = useNavigate();
  const mayWrite = useMay(knowledgeKind.write);
  const form = useResourceForm<KnowledgeBase, KnowledgeBaseSpec>(knowledgeKind, NEW);
  if (!mayWrite) return <NoPermission />;
  return (
    <Page title={both(knowledgeKind.create)} back={{ to: "/knowledge", label: t("all") }} wide={false}>
      <ResourceFormFrame
        kind={knowledgeKind} form={form} isNew mayWrite
        onSaved={(base) => {
          toast(t("created", { name: base.name }));
          void navigate({ to: `/knowledge/${base.id}` });
        }}
      >
        <BaseForm form={form} focus />
      </ResourceFormFrame>
    </Page>
  );
}
