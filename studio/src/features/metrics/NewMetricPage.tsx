import { useNavigate } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { useMay } from "@/api/me";
import { useText } from "@/i18n";
import { useUrlState } from "@/lib/url-state";
import { useResource } from "@/resource/data";
import { useResourceForm } from "@/resource/form";
import { specOf } from "@/resource/kind";
import { ResourceFormFrame } from "@/resource/ResourceFormFrame";
import { ButtonLink } from "@/ui/button";
import { Page } from "@/ui/page";
import { Loaded } from "@/ui/states";
import { toast } from "@/ui/toast";
import CataloguePage from "./CataloguePage";
import { metricTexts } from "./i18n";
import { type CatalogueEntry, type LibraryMetric, type LibraryMetricSpec, metricKind, paramsSchema, useCatalogue } from "./kind";
import { MetricForm } from "./MetricForm";
import { initialParams } from "./testcase";
import { TryMetric } from "./TryMetric";

/** A metric in the making: a kind from the catalogue, set up, tried, and kept. */
export default function NewMetricPage() {
  const [{ kind, from }] = useUrlState({ kind: "", from: "" });
  const catalogue = useCatalogue();
  if (from) return <Copy id={from} />;
  if (!kind) return <CataloguePage />;
  return (
    <Loaded query={catalogue}>
      {(all) => {
        const entry = all.find((one) => one.kind === kind);
        return entry ? <Make key={kind} entry={entry} /> : <CataloguePage />;
      }}
    </Loaded>
  );
}

/** Another metric's settings to begin with. */
function Copy({ id }: { id: string }) {
  const t = useText(metricTexts);
  const metric = useResource(metricKind, id);
  const catalogue = useCatalogue();
  const initial = useMemo<LibraryMetricSpec | null>(() => {
    if (!metric.data) return null;
    const spec = specOf<LibraryMetric, LibraryMetricSpec>(metricKind, metric.data.data);
    return { ...spec, name: t("copyOf", { name: spec.name }), tags: spec.tags?.filter((tag) => tag !== BUILT_IN) };
  }, [metric.data, t]);
  return (
    <Loaded query={metric}>
      {({ data }) => (
        <Loaded query={catalogue}>
          {(all) => {
            const entry = all.find((one) => one.kind === data.metric.kind);
            return entry && initial ? <Make key={id} entry={entry} initial={initial} /> : <CataloguePage />;
          }}
        </Loaded>
      )}
    </Loaded>
  );
}

/** The tag of metrics that every workspace begins with; a copy is no such one. */
const BUILT_IN = "built-in";

function Make({ entry, initial: given }: { entry: CatalogueEntry; initial?: LibraryMetricSpec }) {
  const t = useText(metricTexts);
  const navigate = useNavigate();
  const mayWrite = useMay(metricKind.write);
  const mayTry = useMay("evaluations_run");
  const initial = useMemo<LibraryMetricSpec>(() => {
    if (given) return given;
    const params = initialParams(paramsSchema(entry, undefined));
    return { name: "", metric: { kind: entry.kind, ...(params ? { params: params as never } : {}) } };
  }, [entry, given]);
  const form = useResourceForm<LibraryMetric, LibraryMetricSpec>(metricKind, initial);
  const [tried, setTried] = useState<ReadonlyMap<string, string>>(new Map());
  return (
    <Page title={mayWrite ? t("kindNew", { name: entry.name }) : entry.name} back={{ to: "/metrics", label: t("all") }} actions={<ButtonLink to="/metrics/catalogue">{t("fromCatalogue")}</ButtonLink>}>
      <div className="grid items-start gap-4 xl:grid-cols-[minmax(0,1fr)_minmax(22rem,30rem)]">
        <ResourceFormFrame
          kind={metricKind} form={form} isNew mayWrite={mayWrite}
          onSaved={(metric) => {
            toast(t("created", { name: metric.name }));
            void navigate({ to: `/metrics/${metric.id}` });
          }}
        >
          <MetricForm form={form} entry={entry} tried={tried} />
        </ResourceFormFrame>
        {mayTry && <TryMetric entry={entry} metric={form.value.metric} onTried={setTried} />}
      </div>
    </Page>
  );
}
