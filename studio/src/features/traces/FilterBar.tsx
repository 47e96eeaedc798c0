import { type ReactNode, useState } from "react";
import { ListFilterPlus, X } from "lucide-react";
import { useText } from "@/i18n";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { SearchBox } from "@/ui/search-box";
import { TimeRange } from "@/ui/time-range";
import { TRACE_COLUMNS } from "./columns";
import { BOUNDS, type Bound, choice, chosen, type Condition, type Facet, FACETS, further, type Filters } from "./conditions";
import { FACET_LABELS } from "./Facets";
import { FilterEditor, wordsOf } from "./FilterEditor";
import { traceTexts } from "./i18n";
import type { useTraceFilters } from "./useTraceFilters";

type State = ReturnType<typeof useTraceFilters>;

/** Search, time and further conditions of lists about traces. */
export function FilterBar({ state, children }: { state: State; children?: ReactNode }) {
  const t = useText(traceTexts);
  const { filters, set } = state;
  const [editing, setEditing] = useState(false);
  return (
    <>
      <SearchBox label={t("search")} className="w-72 max-w-full" value={filters.q} onChange={(q) => set({ q: q.slice(0, 200) })} />
      <TimeRange range={state.range} from={state.from} to={state.to} onChange={set} />
      <Button variant="ghost" onClick={() => setEditing(true)}><ListFilterPlus aria-hidden />{t("conditions")}</Button>
      {children}
      {editing && <Conditions value={further(filters.filter)} onClose={() => setEditing(false)} onApply={(next) => set({ filter: next.length > 0 ? JSON.stringify(next) : "" }, { push: true })} />}
    </>
  );
}

function Conditions({ value, onApply, onClose }: { value: Condition[]; onApply(next: Condition[]): void; onClose(): void }) {
  const t = useText(traceTexts);
  const [draft, setDraft] = useState(value);
  return (
    <Dialog
      open onClose={onClose} title={t("conditions")} description={t("conditionsText")} className="w-[min(46rem,calc(100vw-2rem))]"
      actions={<><Button onClick={onClose}>{t("cancel")}</Button><Button variant="primary" onClick={() => { onApply(draft); onClose(); }}>{t("apply")}</Button></>}
    >
      <FilterEditor value={draft} onChange={setDraft} columns={TRACE_COLUMNS} />
    </Dialog>
  );
}

/** What is filtered by, each with a button that takes it away. */
export function ActiveFilters({ state }: { state: State }) {
  const t = useText(traceTexts);
  const { filters, set } = state;
  const chips: { key: string; text: string; without: Partial<Filters> }[] = [];
  for (const facet of Object.keys(FACETS) as Facet[]) {
    const values = chosen(filters[facet]);
    for (const value of values) chips.push({ key: facet + value, text: `${t(FACET_LABELS[facet])}: ${value}`, without: { [facet]: choice(values.filter((one) => one !== value)) } });
  }
  if (filters.status) chips.push({ key: "status", text: t(filters.status === "error" ? "error" : "ok"), without: { status: "" } });
  if (filters.public) chips.push({ key: "public", text: t(filters.public === "true" ? "isPublic" : "notPublic"), without: { public: "" } });
  for (const bound of Object.keys(BOUNDS) as Bound[]) {
    const name = t(bound);
    if (filters[`min_${bound}`]) chips.push({ key: `min_${bound}`, text: `${name} ≥ ${filters[`min_${bound}`]}`, without: { [`min_${bound}`]: "" } });
    if (filters[`max_${bound}`]) chips.push({ key: `max_${bound}`, text: `${name} ≤ ${filters[`max_${bound}`]}`, without: { [`max_${bound}`]: "" } });
  }
  const more = further(filters.filter);
  more.forEach((one, at) => {
    const rest = more.filter((_, place) => place !== at);
    const label = (column: string) => {
      const known = TRACE_COLUMNS.find((other) => other.column === column);
      return known ? t(known.label as "name") : column;
    };
    chips.push({ key: `filter${at}`, text: wordsOf(one, label), without: { filter: rest.length > 0 ? JSON.stringify(rest) : "" } });
  });
  if (chips.length === 0) return null;
  return (
    <ul className="flex flex-wrap items-center gap-1.5">
      {chips.map(({ key, text, without }) => (
        <li key={key} className="flex h-6 max-w-80 items-center rounded-full bg-accent-soft pr-1 pl-2.5 text-xs font-medium text-accent-strong">
          <span className="truncate" title={text}>{text}</span>
          <button type="button" aria-label={t("removeFilter", { name: text })} onClick={() => set(without)} className="ml-1 grid size-5 place-items-center rounded-full hover:bg-surface"><X aria-hidden className="size-3" /></button>
        </li>
      ))}
      <li><Button variant="ghost" size="sm" className="h-6" onClick={state.clear}>{t("clearAll")}</Button></li>
    </ul>
  );
}
