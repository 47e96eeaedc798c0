import { useNavigate } from "@tanstack/react-router";
import { useMay } from "@/api/me";
import { useBoth, useText } from "@/i18n";
import { useResourceForm } from "@/resource/form";
import { ResourceFormFrame } from "@/resource/ResourceFormFrame";
import { Page } from "@/ui/page";
import { NoPermission } from "@/ui/states";
import { toast } from "@/ui/toast";
import { labelTexts } from "./i18n";
import { labelKind, type LabelSchema, type LabelSpec, NEW_LABEL } from "./kind";
import { LabelSchemaForm } from "./LabelSchemaForm";

/** A new question. */
export default function NewLabelSchemaPage() {
  const t = useText(labelTexts);
  const both = useBoth();
  const navigate = useNavigate();
  const mayWrite = useMay(labelKind.write);
  const form = useResourceForm<LabelSchema, LabelSpec>(labelKind, NEW_LABEL);
  if (!mayWrite) return <NoPermission />;
  return (
    <Page title={both(labelKind.create)} back={{ to: "/label-schemas", label: t("all") }}>
      <ResourceFormFrame
        kind={labelKind} form={form} isNew mayWrite
        onSaved={(schema) => {
          toast(t("created", { name: schema.name }));
          void navigate({ to: `/label-schemas/${schema.id}` });
        }}
      >
        <LabelSchemaForm form={form} />
      </ResourceFormFrame>
    </Page>
  );
}
