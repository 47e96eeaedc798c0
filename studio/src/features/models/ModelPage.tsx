import { useNavigate, useParams } from "@tanstack/react-router";
import { useMemo } from "react";
import { SquarePlay, Trash2 } from "lucide-react";
import { useMay } from "@/api/me";
import { useText } from "@/i18n";
import { TryStored } from "@/resource/trial/TryStored";
import { useUrlState } from "@/lib/url-state";
import { useRemove, useResource } from "@/resource/data";
import { useResourceForm } from "@/resource/form";
import { resourceTexts } from "@/resource/i18n";
import { specOf } from "@/resource/kind";
import { ResourceFormFrame } from "@/resource/ResourceFormFrame";
import { Button, ButtonLink } from "@/ui/button";
import { Page } from "@/ui/page";
import { Loaded } from "@/ui/states";
import { Tabs } from "@/ui/tabs";
import { toast } from "@/ui/toast";
import { modelTexts } from "./i18n";
import { type Model, modelKind, type ModelSpec, PROVIDERS } from "./kind";
import { ModelForm } from "./ModelForm";

/** One model: its settings, and a trial. */
export default function ModelPage() {
  const { id } = useParams({ strict: false }) as { id: string };
  const model = useResource(modelKind, id);
  return <Loaded query={model}>{({ data, etag }) => <Detail key={data.id} model={data} etag={etag} />}</Loaded>;
}

function Detail({ model, etag }: { model: Model; etag: string | null }) {
  const t = useText(modelTexts);
  const navigate = useNavigate();
  const mayWrite = useMay(modelKind.write);
  const mayTry = useMay("evaluations_run");
  const remove = useRemove(modelKind);
  const [{ tab }, setTab] = useUrlState({ tab: "settings" });
  const part = tab === "try" && mayTry ? tab : "settings";
  return (
    <Page
      title={model.name}
      description={`${PROVIDERS[model.provider].label} · ${model.model}`}
      back={{ to: "/models", label: t("all") }}
      actions={<>
        {mayTry && <ButtonLink to="/playground" search={{ model: model.id } as never}><SquarePlay aria-hidden />{t("talk")}</ButtonLink>}
        {mayWrite && (
          <Button variant="danger" busy={remove.isPending} onClick={() => remove.mutate([model.id], { onSuccess: () => void navigate({ to: "/models" }) })}>
            <Trash2 aria-hidden />{t("delete")}
          </Button>
        )}
      </>}
    >
      <Tabs
        label={model.name}
        value={part}
        onChange={(next) => setTab({ tab: next }, { push: true })}
        tabs={[{ value: "settings" as const, label: t("settings") }, ...(mayTry ? [{ value: "try" as const, label: t("tryIt") }] : [])]}
      >
        {part === "settings" ? <Settings model={model} etag={etag} mayWrite={mayWrite} /> : <TryStored of="models" id={model.id} about={t("trialText")} />}
      </Tabs>
    </Page>
  );
}

function Settings({ model, etag, mayWrite }: { model: Model; etag: string | null; mayWrite: boolean }) {
  const t = useText(resourceTexts);
  const initial = useMemo(() => specOf<Model, ModelSpec>(modelKind, model), [model]);
  const form = useResourceForm<Model, ModelSpec>(modelKind, initial, { id: model.id, etag });
  return (
    <div className="max-w-3xl">
      <ResourceFormFrame kind={modelKind} form={form} isNew={false} mayWrite={mayWrite} onSaved={(saved) => toast(t("saved", { n: saved.version }))}>
        <ModelForm form={form} hasCredential={model.has_credential} />
      </ResourceFormFrame>
    </div>
  );
}
