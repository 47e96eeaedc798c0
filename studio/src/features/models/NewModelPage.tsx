import { useNavigate } from "@tanstack/react-router";
import { useMay } from "@/api/me";
import { useBoth, useText } from "@/i18n";
import { useResourceForm } from "@/resource/form";
import { ResourceFormFrame } from "@/resource/ResourceFormFrame";
import { trialTexts } from "@/resource/trial/i18n";
import { useTrial } from "@/resource/trial/unsaved";
import { Page } from "@/ui/page";
import { NoPermission } from "@/ui/states";
import { toast } from "@/ui/toast";
import { modelTexts } from "./i18n";
import { type Model, modelKind, type ModelSpec, NEW_MODEL } from "./kind";
import { ModelForm } from "./ModelForm";

/** A new model; it is tried next. */
export default function NewModelPage() {
  const t = useText(modelTexts);
  const both = useBoth();
  const navigate = useNavigate();
  const mayWrite = useMay(modelKind.write);
  const form = useResourceForm<Model, ModelSpec>(modelKind, NEW_MODEL);
  const mayTry = useMay("evaluations_run");
  const trial = useTrial("models", form.value, useText(trialTexts)("firstMessage"));
  if (!mayWrite) return <NoPermission />;
  return (
    <Page title={both(modelKind.create)} back={{ to: "/models", label: t("all") }} wide={false}>
      <ResourceFormFrame
        kind={modelKind} form={form} isNew mayWrite trial={mayTry ? trial : undefined}
        onSaved={(model) => {
          toast(t("created", { name: model.name }));
          void navigate({ to: `/models/${model.id}`, search: { tab: "try" } as never });
        }}
      >
        <ModelForm form={form} hasCredential={false} />
      </ResourceFormFrame>
    </Page>
  );
}
