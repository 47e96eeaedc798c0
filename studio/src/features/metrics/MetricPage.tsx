import { useNavigate, useParams } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { Copy, Trash2 } from "lucide-react";
import { useMay } from "@/api/me";
import { useText } from "@/i18n";
import { useUrlState } from "@/lib/url-state";
import { useRemove, useResource } from "@/resource/data";
import { useResourceForm } from "@/resource/form";
import { resourceTexts } from "@/resource/i18n";
import { specOf } from "@/resource/kind";
import { ResourceFormFrame } from "@/resource/ResourceFormFrame";
import { Versions } from "@/resource/Versions";
import { Button, ButtonLink } from "@/ui/button";
import { Page } from "@/ui/page";
import { ErrorState, Loaded } from "@/ui/states";
import { Tabs } from "@/ui/tabs";
import { toast } from "@/ui/toast";
import { metricTexts } from "./i18n";
import { type CatalogueEntry, type LibraryMetric, type LibraryMetricSpec, metricKind, useCatalogue } from "./kind";
import { MetricForm } from "./MetricForm";
import { TryMetric } from "./TryMetric";

/** One metric of the library: its settings with a trial beside them, and its versions. */
export default function MetricPage() {
  const { id } = useParams({ strict: false }) as { id: string };
  const metric = useResource(metricKind, id);
  const catalogue = useCatalogue();
  return (
    <Loaded query={metric}>
      {({ data, etag }) => (
        <Loaded query={catalogue}>
          {(all) => {
            const entry = all.find((one) => one.kind === data.metric.kind);
            return entry ? <Detail key={data.id} metric={data} etag={etag} entry={entry} /> : <ErrorState error={null} />;
          }}
        </Loaded>
      )}
    </Loaded>
  );
}

function Detail({ metric, etag, entry }: { metric: LibraryMetric; etag: string | null; entry: CatalogueEntry }) {
  const t = useText(metricTexts);
  const navigate = useNavigate();
  const mayWrite = useMay(metricKind.write);
  const remove = useRemove(metricKind);
  const [{ tab }, setTab] = useUrlState({ tab: "settings", version: "", against: "" });
  const part = tab === "versions" ? tab : "settings";
  return (
    <Page
      title={metric.name}
      description={metric.description || entry.name}
      back={{ to: "/metrics", label: t("all") }}
      actions={mayWrite && <>
        <ButtonLink to="/metrics/new" search={{ from: metric.id } as never}><Copy aria-hidden />{t("duplicate")}</ButtonLink>
        <Button variant="danger" busy={remove.isPending} onClick={() => remove.mutate([metric.id], { onSuccess: () => void navigate({ to: "/metrics" }) })}>
          <Trash2 aria-hidden />{t("delete")}
        </Button>
      </>}
    >
      <Tabs
        label={metric.name}
        value={part}
        onChange={(next) => setTab({ tab: next, version: "", against: "" }, { push: true })}
        tabs={[{ value: "settings", label: t("settings") }, { value: "versions", label: t("versions") }]}
      >
        {part === "settings"
          ? <Settings key={metric.version} metric={metric} etag={etag} entry={entry} mayWrite={mayWrite} />
          : <Versions kind={metricKind} item={metric} etag={etag} />}
      </Tabs>
    </Page>
  );
}

function Settings({ metric, etag, entry, mayWrite }: { metric: LibraryMetric; etag: string | null; entry: CatalogueEntry; mayWrite: boolean }) {
  const t = useText(resourceTexts);
  const mayTry = useMay("evaluations_run");
  const initial = useMemo(() => specOf<LibraryMetric, LibraryMetricSpec>(metricKind, metric), [metric]);
  const form = useResourceForm<LibraryMetric, LibraryMetricSpec>(metricKind, initial, { id: metric.id, etag });
  const [tried, setTried] = useState<ReadonlyMap<string, string>>(new Map());
  return (
    <div className="grid items-start gap-4 xl:grid-cols-[minmax(0,1fr)_minmax(22rem,30rem)]">
      <ResourceFormFrame kind={metricKind} form={form} isNew={false} mayWrite={mayWrite} onSaved={(saved) => toast(t("saved", { n: saved.version }))}>
        <MetricForm form={form} entry={entry} tried={tried} />
      </ResourceFormFrame>
      {mayTry && <TryMetric entry={entry} metric={form.value.metric} onTried={setTried} />}
    </div>
  );
}
