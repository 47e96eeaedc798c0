import { lazy, Suspense, useCallback, useDeferredValue, useMemo, useState } from "react";
import { ChevronsDownUp, ChevronsUpDown } from "lucide-react";
import { useText } from "@/i18n";
import { cx } from "@/lib/cx";
import { useShortcuts } from "@/lib/keyboard";
import { useUrlState } from "@/lib/url-state";
import { Button } from "@/ui/button";
import { Select } from "@/ui/input";
import { SearchBox } from "@/ui/search-box";
import { boundsOf, matcher, matching, type TreeNode, visible } from "./tree";
import { detailTexts } from "./trace-i18n";
import { TraceTree } from "./TraceTree";

const TraceGraph = lazy(() => import("./TraceGraph"));

const VIEWS = ["tree", "timeline", "graph"] as const;

/** The observations of a trace as a tree, along the time, or as a graph; what is chosen is in the address. */
export function Explorer({ nodes, total, name, loading }: { nodes: readonly TreeNode[]; total: number; name: string; loading: boolean }) {
  const t = useText(detailTexts);
  const [{ view, obs, find, level }, set] = useUrlState({ view: "tree", obs: "", find: "", level: "" });
  const [folded, setFolded] = useState<ReadonlySet<string>>(new Set());
  const query = useDeferredValue(find.trim().toLowerCase());
  const found = useMemo(() => (query || level ? matching(nodes, matcher(query, level)) : null), [nodes, query, level]);
  const shown = useMemo(() => visible(nodes, folded, found?.kept ?? null), [nodes, folded, found]);
  const bounds = useMemo(() => boundsOf(nodes), [nodes]);
  const select = useCallback((id: string) => set({ obs: id }), [set]);
  const fold = useCallback((id: string, on: boolean) => setFolded((before) => {
    const next = new Set(before);
    if (on) next.add(id);
    else next.delete(id);
    return next;
  }), []);
  const step = (by: number) => {
    const place = obs === "" ? -1 : shown.findIndex((at) => nodes[at]?.id === obs);
    const next = Math.min(shown.length - 1, Math.max(-1, place + by));
    select(next < 0 ? "" : nodes[shown[next] ?? -1]?.id ?? "");
  };
  useShortcuts([
    { keys: "j", label: { en: "Next observation", vi: "Quan sát tiếp theo" }, run: () => step(1) },
    { keys: "k", label: { en: "Previous observation", vi: "Quan sát trước" }, run: () => step(-1) },
    ...VIEWS.map((one, at) => ({ keys: String(at + 1), label: VIEW_LABELS[one], run: () => set({ view: one }) })),
  ]);
  const foldAll = () => setFolded(new Set(nodes.filter((node) => node.children > 0).map((node) => node.id)));
  return (
    <section aria-label={t("views")} className="card flex h-(--pane) min-h-80 flex-col overflow-hidden max-lg:h-[26rem]">
      <div className="flex flex-wrap items-center gap-2 border-b border-line px-2 py-1.5">
        <div role="group" aria-label={t("views")} className="inline-flex rounded-md border border-line p-px">
          {VIEWS.map((one) => (
            <button
              key={one} type="button" aria-pressed={view === one} onClick={() => set({ view: one })}
              className={cx("h-6 rounded-sm px-2 text-xs font-medium text-muted hover:text-ink", view === one && "bg-accent-soft text-accent-strong")}
            >
              {t(one)}
            </button>
          ))}
        </div>
        {view !== "graph" && <>
          <SearchBox label={t("searchTree")} className="min-w-32 flex-1" value={find} onChange={(next) => set({ find: next })} />
          <Select aria-label={t("level")} className="w-32" value={level} onChange={(event) => set({ level: event.target.value })}>
            <option value="">{t("allLevels")}</option>
            <option value="warning">{t("warnings")}</option>
            <option value="error">{t("errorsOnly")}</option>
          </Select>
        </>}
      </div>
      {view === "graph"
        ? <Suspense fallback={<div className="m-3 flex-1 animate-pulse rounded-md bg-sunken" />}><TraceGraph nodes={nodes} selected={obs} onSelect={select} /></Suspense>
        : <TraceTree nodes={nodes} shown={shown} bounds={bounds} folded={folded} onFold={fold} selected={obs} onSelect={select} query={query} timeline={view === "timeline"} name={name} label={t(view === "timeline" ? "timeline" : "tree")} />}
      <footer className="flex min-h-8 items-center border-t border-line pr-1 pl-3 text-xs text-muted">
        <p role="status" className="flex-1">{found ? t("hits", { n: found.hits.size }) : loading && nodes.length < total ? t("loaded", { n: nodes.length, total }) : t("observations", { n: nodes.length })}</p>
        {view !== "graph" && <>
          <Button variant="ghost" size="icon-sm" aria-label={t("foldAll")} title={t("foldAll")} onClick={foldAll}><ChevronsDownUp aria-hidden /></Button>
          <Button variant="ghost" size="icon-sm" aria-label={t("unfoldAll")} title={t("unfoldAll")} onClick={() => setFolded(new Set())}><ChevronsUpDown aria-hidden /></Button>
        </>}
      </footer>
    </section>
  );
}

const VIEW_LABELS = {
  tree: { en: "As a tree", vi: "Dạng cây" }, timeline: { en: "Along the time", vi: "Theo thời gian" }, graph: { en: "As a graph", vi: "Dạng đồ thị" },
} as const;
