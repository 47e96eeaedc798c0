import { useParams } from "@tanstack/react-router";
import { lazy, Suspense, useMemo } from "react";
import { useMay } from "@/api/me";
import { useText } from "@/i18n";
import { useResource } from "@/resource/data";
import { Loaded, Loading } from "@/ui/states";
import { scenarioTexts } from "./i18n";
import { type Scenario, scenarioKind } from "./kind";
import { type SaveState, ScenarioEditor, specOfScenario } from "./ScenarioEditor";

const RunPart = lazy(() => import("./run/RunPart"));
const VersionsPart = lazy(() => import("./VersionsPart"));

/** One scenario: its course, its situation, its runs, its versions. */
export default function ScenarioPage() {
  const { id } = useParams({ strict: false }) as { id: string };
  const scenario = useResource(scenarioKind, id);
  return <Loaded query={scenario}>{({ data, etag }) => <Detail key={data.id} item={data} etag={etag} />}</Loaded>;
}

function Detail({ item, etag }: { item: Scenario; etag: string | null }) {
  const t = useText(scenarioTexts);
  const initial = useMemo(() => specOfScenario(item), [item]);
  // Its runs are those of campaigns.
  const mayRun = useMay("campaigns_read");
  return (
    <ScenarioEditor
      initial={initial}
      edited={{ item, etag }}
      parts={[
        ...(mayRun ? [{ value: "run", label: t("run"), content: (save: SaveState) => <Suspense fallback={<Loading />}><RunPart item={item} save={save} /></Suspense> }] : []),
        { value: "versions", label: t("versions"), content: () => <Suspense fallback={<Loading />}><VersionsPart item={item} etag={etag} /></Suspense> },
      ]}
    />
  );
}
