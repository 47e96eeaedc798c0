import { useMemo, useState } from "react";
import { useText } from "@/i18n";
import { useUrlState } from "@/lib/url-state";
import { useVersion } from "@/resource/data";
import { Versions } from "@/resource/Versions";
import { Badge } from "@/ui/badge";
import { Canvas, NOTHING_SELECTED, type Selection } from "./editor/Canvas";
import type { EdgeLook, NodeLook } from "./editor/look";
import { usePositions } from "./editor/useGraphEditor";
import { diffGraphs } from "./graph/diff";
import type { Graph } from "./graph/model";
import { runTexts } from "./i18n-run";
import { type Scenario, scenarioKind } from "./kind";

/** The versions of a scenario: what changed on the canvas, and line by line below it. */
export default function VersionsPart({ item, etag }: { item: Scenario; etag: string | null }) {
  const [state] = useUrlState({ version: "", against: "" });
  const shown = Number(state.version) || item.version;
  const against = Number(state.against) || (shown > 1 ? shown - 1 : null);
  const after = useVersion(scenarioKind, item.id, shown);
  const before = useVersion(scenarioKind, item.id, against);
  const graphOf = (spec: unknown) => (spec as { graph?: Graph } | undefined)?.graph ?? null;
  const [now, old] = [graphOf(after.data?.spec), against ? graphOf(before.data?.spec) : null];
  return (
    <div className="grid gap-4">
      {(now ?? old) && (!against || before.data) && <OnCanvas before={against ? old : now} after={now} from={against} to={shown} />}
      <Versions kind={scenarioKind} item={item} etag={etag} />
    </div>
  );
}

function OnCanvas({ before, after, from, to }: { before: Graph | null; after: Graph | null; from: number | null; to: number }) {
  const t = useText(runTexts);
  const diff = useMemo(() => diffGraphs(before, after), [before, after]);
  const positions = usePositions(diff.graph);
  const [selection, select] = useState<Selection>(NOTHING_SELECTED);
  const nodeLook = useMemo(() => new Map([...diff.nodes].map(([id, change]): [string, NodeLook] => [id, change === "same" ? {} : { tone: change, badge: SIGNS[change] }])), [diff]);
  const edgeLook = useMemo(() => new Map([...diff.edges].map(([id, change]): [string, EdgeLook] => [id, change === "same" ? {} : { tone: change }])), [diff]);
  const { added, removed, changed } = diff.counts;
  return (
    <section className="card overflow-hidden">
      <header className="flex flex-wrap items-center gap-2 border-b border-line px-4 py-2">
        <h2 className="font-semibold">{from ? t("versionsText", { from, to }) : t("first")}</h2>
        {added > 0 && <Badge tone="good">{t("added", { n: added })}</Badge>}
        {removed > 0 && <Badge tone="bad">{t("removed", { n: removed })}</Badge>}
        {changed > 0 && <Badge tone="warn">{t("changedN", { n: changed })}</Badge>}
        {from && added + removed + changed === 0 && <span className="text-sm text-muted">{t("noChanges")}</span>}
      </header>
      <div className="relative h-[30rem]"><Canvas key={`${from} ${to}`} label={t("canvasDiff")} graph={diff.graph} positions={positions} selection={selection} onSelect={select} nodeLook={nodeLook} edgeLook={edgeLook} /></div>
    </section>
  );
}

const SIGNS = { added: "+", removed: "−", changed: "~" } as const;
