import { useNavigate } from "@tanstack/react-router";
import { useMay } from "@/api/me";
import { useBoth, useText } from "@/i18n";
import { useResourceForm } from "@/resource/form";
import { ResourceFormFrame } from "@/resource/ResourceFormFrame";
import { Page } from "@/ui/page";
import { NoPermission } from "@/ui/states";
import { toast } from "@/ui/toast";
import { keyTexts } from "./i18n-keys";
import { type Secret, secretKind, type SecretSpec } from "./secret";
import { SecretForm } from "./SecretForm";

const NEW: SecretSpec = { name: "", hosts: [] };

/** A new secret. */
export default function NewSecretPage() {
  const t = useText(keyTexts);
  const both = useBoth();
  const navigate = useNavigate();
  const mayWrite = useMay(secretKind.write);
  const form = useResourceForm<Secret, SecretSpec>(secretKind, NEW);
  if (!mayWrite) return <NoPermission />;
  return (
    <Page title={both(secretKind.create)} back={{ to: secretKind.path, label: t("all") }} wide={false}>
      <ResourceFormFrame kind={secretKind} form={form} isNew mayWrite onSaved={(secret) => { toast(t("secretCreated", { name: secret.name })); void navigate({ to: secretKind.path }); }}>
        <SecretForm form={form} hasValue={false} />
      </ResourceFormFrame>
    </Page>
  );
}
