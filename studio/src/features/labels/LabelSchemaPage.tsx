import { useNavigate, useParams } from "@tanstack/react-router";
import { useMemo } from "react";
import { Trash2 } from "lucide-react";
import { useMay } from "@/api/me";
import { useBoth, useText } from "@/i18n";
import { useUrlState } from "@/lib/url-state";
import { useRemove, useResource } from "@/resource/data";
import { useResourceForm } from "@/resource/form";
import { resourceTexts } from "@/resource/i18n";
import { specOf } from "@/resource/kind";
import { ResourceFormFrame } from "@/resource/ResourceFormFrame";
import { Versions } from "@/resource/Versions";
import { Button } from "@/ui/button";
import { Page } from "@/ui/page";
import { Loaded } from "@/ui/states";
import { Tabs } from "@/ui/tabs";
import { toast } from "@/ui/toast";
import { labelTexts } from "./i18n";
import { LABEL_KINDS, LABEL_TARGETS, labelKind, type LabelSchema, type LabelSpec } from "./kind";
import { LabelSchemaForm } from "./LabelSchemaForm";

/** One label schema: its question, its versions. */
export default function LabelSchemaPage() {
  const { id } = useParams({ strict: false }) as { id: string };
  const schema = useResource(labelKind, id);
  return <Loaded query={schema}>{({ data, etag }) => <Detail key={data.id} schema={data} etag={etag} />}</Loaded>;
}

function Detail({ schema, etag }: { schema: LabelSchema; etag: string | null }) {
  const t = useText(labelTexts);
  const both = useBoth();
  const navigate = useNavigate();
  const mayWrite = useMay(labelKind.write);
  const remove = useRemove(labelKind);
  const [{ tab }, setTab] = useUrlState({ tab: "settings", version: "", against: "" });
  const part = tab === "versions" ? tab : "settings";
  return (
    <Page
      title={schema.name}
      description={`${both(LABEL_KINDS[schema.kind])} · ${both(LABEL_TARGETS[schema.target])}`}
      back={{ to: "/label-schemas", label: t("all") }}
      actions={mayWrite && (
        <Button variant="danger" busy={remove.isPending} onClick={() => remove.mutate([schema.id], { onSuccess: () => void navigate({ to: "/label-schemas" }) })}>
          <Trash2 aria-hidden />{t("delete")}
        </Button>
      )}
    >
      <Tabs
        label={schema.name}
        value={part}
        onChange={(next) => setTab({ tab: next, version: "", against: "" }, { push: true })}
        tabs={[{ value: "settings", label: t("settings") }, { value: "versions", label: t("versions") }]}
      >
        {part === "settings" ? <Settings schema={schema} etag={etag} mayWrite={mayWrite} /> : <Versions kind={labelKind} item={schema} etag={etag} />}
      </Tabs>
    </Page>
  );
}

function Settings({ schema, etag, mayWrite }: { schema: LabelSchema; etag: string | null; mayWrite: boolean }) {
  const t = useText(labelTexts);
  const r = useText(resourceTexts);
  const initial = useMemo(() => specOf<LabelSchema, LabelSpec>(labelKind, schema), [schema]);
  const form = useResourceForm<LabelSchema, LabelSpec>(labelKind, initial, { id: schema.id, etag });
  return (
    <div className="grid gap-3">
      <p className="text-sm text-muted">{t("kept")}</p>
      <ResourceFormFrame kind={labelKind} form={form} isNew={false} mayWrite={mayWrite} onSaved={(saved) => toast(r("saved", { n: saved.version }))}>
        <LabelSchemaForm form={form} />
      </ResourceFormFrame>
    </div>
  );
}
