import { useMemo, useState } from "react";
import { usePages } from "@/api/pages";
import type { Schemas } from "@/api/client";
import { useText } from "@/i18n";
import { Badge } from "@/ui/badge";
import { Sheet } from "@/ui/dialog";
import { SearchInput } from "@/ui/input";
import { Tabs } from "@/ui/tabs";
import { wizardTexts } from "./i18n";
import type { Kind } from "./spec";

/** A metric, of the kinds that there are or of the workspace's library. */
export function MetricPicker({ kinds, onPick, onClose }: { kinds: readonly Kind[]; onPick(metric: Schemas["MetricSpec"]): void; onClose(): void }) {
  const t = useText(wizardTexts);
  const [q, setQ] = useState("");
  const [tab, setTab] = useState<"kinds" | "library">("kinds");
  const library = usePages<Schemas["LibraryMetric"]>({ key: ["metric-library", "choices"], path: "/api/v1/metric-library", query: { sort: "name" }, limit: 200 });
  const words = q.trim().toLowerCase();
  const found = useMemo(() => kinds.filter((one) => `${one.name} ${one.kind} ${one.description}`.toLowerCase().includes(words)), [kinds, words]);
  const own = library.rows.filter((one) => `${one.name} ${one.description} ${one.metric.kind}`.toLowerCase().includes(words));
  return (
    <Sheet open onClose={onClose} title={t("addMetric")}>
      <Tabs label={t("addMetric")} value={tab} onChange={(next) => setTab(next as "kinds" | "library")} tabs={[{ value: "kinds", label: t("catalogue") }, { value: "library", label: t("library") }]}>
        <SearchInput autoFocus label={t("searchMetrics")} className="mb-2 w-full" value={q} onChange={(event) => setQ(event.target.value)} />
        <ul className="grid gap-0.5">
          {tab === "kinds" && found.map((one) => (
            <Pick key={one.kind} title={one.name} hint={one.description} badge={one.needs_judge ? t("needsJudge") : null} onPick={() => onPick({ kind: one.kind })} />
          ))}
          {tab === "library" && own.map((one) => <Pick key={one.id} title={one.name} hint={one.description || one.metric.kind} badge={null} onPick={() => onPick({ ...one.metric, name: one.metric.name ?? one.name })} />)}
          {tab === "library" && !library.isPending && own.length === 0 && <li className="px-3 py-6 text-center text-sm text-muted">{t("emptyLibrary")}</li>}
        </ul>
      </Tabs>
    </Sheet>
  );
}

const Pick = ({ title, hint, badge, onPick }: { title: string; hint: string; badge: string | null; onPick(): void }) => (
  <li>
    <button type="button" onClick={onPick} className="grid w-full gap-0.5 rounded-md px-3 py-2 text-left hover:bg-accent-soft">
      <span className="flex items-center gap-2 text-sm font-medium">{title}{badge && <Badge tone="info">{badge}</Badge>}</span>
      <span className="line-clamp-2 text-xs text-muted">{hint}</span>
    </button>
  </li>
);
