import { useNavigate } from "@tanstack/react-router";
import { useMay } from "@/api/me";
import { useBoth, useText } from "@/i18n";
import { useResourceForm } from "@/resource/form";
import { ResourceFormFrame } from "@/resource/ResourceFormFrame";
import { Page } from "@/ui/page";
import { NoPermission } from "@/ui/states";
import { toast } from "@/ui/toast";
import { promptTexts } from "./i18n";
import { type Prompt, promptKind, type PromptSpec } from "./kind";
import { PromptForm } from "./PromptForm";

const NEW: PromptSpec = { name: "", prompt: "" };

/** A new prompt. */
export default function NewPromptPage() {
  const t = useText(promptTexts);
  const both = useBoth();
  const navigate = useNavigate();
  const mayWrite = useMay(promptKind.write);
  const form = useResourceForm<Prompt, PromptSpec>(promptKind, NEW);
  if (!mayWrite) return <NoPermission />;
  return (
    <Page title={both(promptKind.create)} back={{ to: "/prompts", label: t("all") }} wide={false}>
      <ResourceFormFrame
        kind={promptKind} form={form} isNew mayWrite
        onSaved={(prompt) => {
          toast(t("created", { name: prompt.name }));
          void navigate({ to: `/prompts/${prompt.id}` });
        }}
      >
        <PromptForm form={form} isNew />
      </ResourceFormFrame>
    </Page>
  );
}
