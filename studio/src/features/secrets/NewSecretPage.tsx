import { useNavigate } from "@tanstack/react-router";
import { useMay } from "@/api/me";
import { useBoth, useText } from "@/i18n";
import { useResourceForm } from "@/resource/form";
import { ResourceFormFrame } from "@/resource/ResourceFormFrame";
import { Page } from "@/ui/page";
import { NoPermission } from "@/ui/states";
import { toast } from "@/ui/toast";
import { secretTexts } from "./i18n";
import { type Secret, secretKind, type SecretSpec } from "./kind";
import { SecretForm } from "./SecretForm";

const NEW: SecretSpec = { name: "", hosts: [] };

/** A new secret. */
export default function NewSecretPage() {
  const t = useText(secretTexts);
  const both = useBoth();
  const navigate = useNavigate();
  const mayWrite = useMay(secretKind.write);
  const form = useResourceForm<Secret, SecretSpec>(secretKind, NEW);
  if (!mayWrite) return <NoPermission />;
  return (
    <Page title={both(secretKind.create)} back={{ to: "/secrets", label: t("all") }} wide={false}>
      <ResourceFormFrame
        kind={secretKind} form={form} isNew mayWrite
        onSaved={(secret) => {
          toast(t("created", { name: secret.name }));
          void navigate({ to: `/secrets/${secret.id}` });
        }}
      >
        <SecretForm form={form} hasValue={false} />
      </ResourceFormFrame>
    </Page>
  );
}
