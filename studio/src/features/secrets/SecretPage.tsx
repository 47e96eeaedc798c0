import { useNavigate, useParams } from "@tanstack/react-router";
import { useMemo } from "react";
import { Trash2 } from "lucide-react";
import { useMay } from "@/api/me";
import { useText } from "@/i18n";
import { useRemove, useResource } from "@/resource/data";
import { useResourceForm } from "@/resource/form";
import { resourceTexts } from "@/resource/i18n";
import { specOf } from "@/resource/kind";
import { ResourceFormFrame } from "@/resource/ResourceFormFrame";
import { Button } from "@/ui/button";
import { CopyButton } from "@/ui/copy";
import { Page } from "@/ui/page";
import { Loaded } from "@/ui/states";
import { toast } from "@/ui/toast";
import { secretTexts } from "./i18n";
import { type Secret, secretKind, type SecretSpec } from "./kind";
import { SecretForm } from "./SecretForm";

/** One secret, all but its value. */
export default function SecretPage() {
  const { id } = useParams({ strict: false }) as { id: string };
  const secret = useResource(secretKind, id);
  return <Loaded query={secret}>{({ data, etag }) => <Detail key={`${data.id} ${data.version}`} secret={data} etag={etag} />}</Loaded>;
}

function Detail({ secret, etag }: { secret: Secret; etag: string | null }) {
  const t = useText(secretTexts);
  const common = useText(resourceTexts);
  const navigate = useNavigate();
  const mayWrite = useMay(secretKind.write);
  const remove = useRemove(secretKind);
  const initial = useMemo(() => specOf<Secret, SecretSpec>(secretKind, secret), [secret]);
  const form = useResourceForm<Secret, SecretSpec>(secretKind, initial, { id: secret.id, etag });
  const use = `{{ secrets.${secret.name} }}`;
  return (
    <Page
      title={secret.name}
      description={<span className="flex items-center gap-1.5">{t("usedAs")} <code className="font-mono text-xs">{use}</code><CopyButton text={use} label={t("copyUse")} /></span>}
      back={{ to: "/secrets", label: t("all") }}
      wide={false}
      actions={mayWrite && (
        <Button variant="danger" busy={remove.isPending} onClick={() => remove.mutate([secret.id], { onSuccess: () => void navigate({ to: "/secrets" }) })}>
          <Trash2 aria-hidden />{t("delete")}
        </Button>
      )}
    >
      <ResourceFormFrame kind={secretKind} form={form} isNew={false} mayWrite={mayWrite} onSaved={(saved) => toast(common("saved", { n: saved.version }))}>
        <SecretForm form={form} hasValue={secret.has_credential} />
      </ResourceFormFrame>
    </Page>
  );
}
