import { useParams } from "@tanstack/react-router";
import { useMemo } from "react";
import { useResource } from "@/resource/data";
import { Loaded } from "@/ui/states";
import { type Scenario, scenarioKind } from "./kind";
import { ScenarioEditor, specOfScenario } from "./ScenarioEditor";

/** One scenario: its course, its situation, its runs, its versions. */
export default function ScenarioPage() {
  const { id } = useParams({ strict: false }) as { id: string };
  const scenario = useResource(scenarioKind, id);
  return <Loaded query={scenario}>{({ data, etag }) => <Detail key={data.id} item={data} etag={etag} />}</Loaded>;
}

function Detail({ item, etag }: { item: Scenario; etag: string | null }) {
  const initial = useMemo(() => specOfScenario(item), [item]);
  return <ScenarioEditor initial={initial} edited={{ item, etag }} />;
}
