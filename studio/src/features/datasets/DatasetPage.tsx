import { useNavigate, useParams } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { Download, FileUp, Trash2 } from "lucide-react";
import { useMay } from "@/api/me";
import { useText } from "@/i18n";
import { useUrlState } from "@/lib/url-state";
import { useRemove, useResource } from "@/resource/data";
import { useResourceForm } from "@/resource/form";
import { resourceTexts } from "@/resource/i18n";
import { specOf } from "@/resource/kind";
import { ResourceFormFrame } from "@/resource/ResourceFormFrame";
import { Button, ButtonLink } from "@/ui/button";
import { Menu, MenuItem } from "@/ui/menu";
import { Page } from "@/ui/page";
import { Loaded, messageOf } from "@/ui/states";
import { Tabs } from "@/ui/tabs";
import { toast, toastError } from "@/ui/toast";
import { DatasetForm } from "./DatasetForm";
import { type ExportFormat, exportItems } from "./export";
import { datasetTexts } from "./i18n";
import { ItemsTab } from "./ItemsTab";
import { type Dataset, datasetKind, type DatasetSpec } from "./kind";
import { useDraft } from "./useDraft";
import { VersionsTab } from "./VersionsTab";

/** One dataset: its items, its versions, its settings. */
export default function DatasetPage() {
  const { id } = useParams({ strict: false }) as { id: string };
  const dataset = useResource(datasetKind, id);
  return <Loaded query={dataset}>{({ data, etag }) => <Detail key={data.id} dataset={data} etag={etag} />}</Loaded>;
}

function Detail({ dataset, etag }: { dataset: Dataset; etag: string | null }) {
  const t = useText(datasetTexts);
  const navigate = useNavigate();
  const mayWrite = useMay(datasetKind.write);
  const remove = useRemove(datasetKind);
  const [{ tab, version }, setTab] = useUrlState({ tab: "items", version: "", from: "", to: "", change: "", item: "" });
  // Here, so that a look at another tab does not cost what was typed.
  const draft = useDraft(t("leave"));
  const part = tab === "versions" || tab === "settings" ? tab : "items";
  return (
    <Page
      title={dataset.name}
      description={[t("nItems", { n: dataset.item_count }), t("ofVersion", { n: dataset.version }), dataset.description].filter(Boolean).join(" · ")}
      back={{ to: "/datasets", label: t("all") }}
      actions={<>
        {mayWrite && <ButtonLink to={`/datasets/${dataset.id}/import`}><FileUp aria-hidden />{t("import")}</ButtonLink>}
        <Export dataset={dataset} version={part === "items" ? version : ""} />
        {mayWrite && (
          <Button variant="danger" busy={remove.isPending} onClick={() => remove.mutate([dataset.id], { onSuccess: () => void navigate({ to: "/datasets" }) })}>
            <Trash2 aria-hidden />{t("delete")}
          </Button>
        )}
      </>}
    >
      <Tabs
        label={dataset.name}
        value={part}
        onChange={(next) => setTab({ tab: next, version: "", from: "", to: "", change: "", item: "" }, { push: true })}
        tabs={[{ value: "items", label: t("items") }, { value: "versions", label: t("versions") }, { value: "settings", label: t("settings") }]}
      >
        {part === "items" && <ItemsTab dataset={dataset} state={draft} mayWrite={mayWrite} />}
        {part === "versions" && <VersionsTab dataset={dataset} mayWrite={mayWrite} />}
        {part === "settings" && <Settings dataset={dataset} etag={etag} mayWrite={mayWrite} />}
      </Tabs>
    </Page>
  );
}

function Export({ dataset, version }: { dataset: Dataset; version: string }) {
  const t = useText(datasetTexts);
  const [busy, setBusy] = useState(false);
  const run = async (format: ExportFormat) => {
    setBusy(true);
    try {
      await exportItems(dataset, format, version);
    } catch (error) {
      toastError(messageOf(error, t("failed")));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Menu trigger={<Button busy={busy}><Download aria-hidden />{busy ? t("exporting") : t("export")}</Button>}>
      <MenuItem onSelect={() => void run("csv")}>{t("exportCsv")}</MenuItem>
      <MenuItem onSelect={() => void run("jsonl")}>{t("exportJsonl")}</MenuItem>
      <MenuItem onSelect={() => void run("yaml")}>{t("exportYaml")}</MenuItem>
    </Menu>
  );
}

function Settings({ dataset, etag, mayWrite }: { dataset: Dataset; etag: string | null; mayWrite: boolean }) {
  const t = useText(resourceTexts);
  const initial = useMemo(() => specOf<Dataset, DatasetSpec>(datasetKind, dataset), [dataset]);
  const form = useResourceForm<Dataset, DatasetSpec>(datasetKind, initial, { id: dataset.id, etag });
  return (
    <div className="max-w-3xl">
      <ResourceFormFrame kind={datasetKind} form={form} isNew={false} mayWrite={mayWrite} onSaved={(saved) => toast(t("saved", { n: saved.version }))}>
        <DatasetForm form={form} />
      </ResourceFormFrame>
    </div>
  );
}
