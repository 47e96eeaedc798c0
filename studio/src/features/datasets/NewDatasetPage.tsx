import { useNavigate } from "@tanstack/react-router";
import { useMay } from "@/api/me";
import { useBoth, useText } from "@/i18n";
import { useResourceForm } from "@/resource/form";
import { ResourceFormFrame } from "@/resource/ResourceFormFrame";
import { Page } from "@/ui/page";
import { NoPermission } from "@/ui/states";
import { toast } from "@/ui/toast";
import { DatasetForm } from "./DatasetForm";
import { datasetTexts } from "./i18n";
import { type Dataset, datasetKind, type DatasetSpec } from "./kind";

const NEW: DatasetSpec = { name: "" };

/** A new dataset: a name; the items come next. */
export default function NewDatasetPage() {
  const t = useText(datasetTexts);
  const both = useBoth();
  const navigate = useNavigate();
  const mayWrite = useMay(datasetKind.write);
  const form = useResourceForm<Dataset, DatasetSpec>(datasetKind, NEW);
  if (!mayWrite) return <NoPermission />;
  return (
    <Page title={both(datasetKind.create)} back={{ to: "/datasets", label: t("all") }} wide={false}>
      <ResourceFormFrame
        kind={datasetKind} form={form} isNew mayWrite
        onSaved={(dataset) => {
          toast(t("created", { name: dataset.name }));
          void navigate({ to: `/datasets/${dataset.id}` });
        }}
      >
        <DatasetForm form={form} focus />
      </ResourceFormFrame>
    </Page>
  );
}
