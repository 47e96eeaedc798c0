import { useNavigate, useParams } from "@tanstack/react-router";
import { useMemo } from "react";
import { Trash2 } from "lucide-react";
import { useMay } from "@/api/me";
import { useText } from "@/i18n";
import { useRemove, useResource } from "@/resource/data";
import { useResourceForm } from "@/resource/form";
import { specOf } from "@/resource/kind";
import { ResourceFormFrame } from "@/resource/ResourceFormFrame";
import { Button } from "@/ui/button";
import { Page } from "@/ui/page";
import { Loaded } from "@/ui/states";
import { toast } from "@/ui/toast";
import { keyTexts } from "./i18n-keys";
import { type Secret, secretKind, type SecretSpec } from "./secret";
import { SecretForm } from "./SecretForm";

/** One secret: everything but its value. */
export default function SecretPage() {
  const { id } = useParams({ strict: false }) as { id: string };
  const secret = useResource(secretKind, id);
  return <Loaded query={secret}>{({ data, etag }) => <Detail key={data.id} secret={data} etag={etag} />}</Loaded>;
}

function Detail({ secret, etag }: { secret: Secret; etag: string | null }) {
  const t = useText(keyTexts);
  const navigate = useNavigate();
  const mayWrite = useMay(secretKind.write);
  const remove = useRemove(secretKind);
  const initial = useMemo(() => specOf<Secret, SecretSpec>(secretKind, secret), [secret]);
  const form = useResourceForm<Secret, SecretSpec>(secretKind, initial, { id: secret.id, etag });
  return (
    <Page
      title={secret.name} back={{ to: secretKind.path, label: t("all") }} wide={false}
      actions={mayWrite && <Button variant="danger" busy={remove.isPending} onClick={() => remove.mutate([secret.id], { onSuccess: () => void navigate({ to: secretKind.path }) })}><Trash2 aria-hidden />{t("delete")}</Button>}
    >
      <ResourceFormFrame kind={secretKind} form={form} isNew={false} mayWrite={mayWrite} onSaved={() => toast(t("changed"))}>
        <SecretForm form={form} hasValue={secret.has_credential} />
      </ResourceFormFrame>
    </Page>
  );
}
