import { useDeferredValue, useMemo, useState } from "react";
import { ChevronRight } from "lucide-react";
import { useText } from "@/i18n";
import { cx } from "@/lib/cx";
import { pointerOf } from "@/lib/pointer";
import { Button } from "./button";
import { CopyButton } from "./copy";
import { SearchInput } from "./input";
import { uiTexts } from "./i18n";

/** Longer texts are cut until somebody asks for all of them. */
const LONG = 600;
/** Larger collections show their first entries. */
const MANY = 100;

interface View {
  query: string;
  /** Pointers that lead to a match; they are open. */
  leads: ReadonlySet<string>;
  /** Raised when all is to be folded or unfolded. */
  round: number;
  openAll: boolean | null;
}

/** JSON as a tree that folds and can be searched. Whatever is in it is text: nothing is ever markup. */
export function JsonView({ value, open = 2, search = true, label }: {
  value: unknown;
  /** How many levels are open at first. */
  open?: number;
  search?: boolean;
  label?: string;
}) {
  const t = useText(uiTexts);
  const [typed, setTyped] = useState("");
  const [fold, setFold] = useState<{ round: number; openAll: boolean | null }>({ round: 0, openAll: null });
  const query = useDeferredValue(typed.trim().toLowerCase());
  const found = useMemo(() => matches(value, query), [value, query]);
  const text = useMemo(() => JSON.stringify(value, null, 2) ?? "", [value]);
  const setAll = (openAll: boolean) => setFold(({ round }) => ({ round: round + 1, openAll }));
  return (
    <div aria-label={label} role={label ? "group" : undefined} className="card overflow-hidden">
      {search && (
        <div className="flex flex-wrap items-center gap-1 border-b border-line px-2 py-1.5">
          <SearchInput label={t("searchJson")} value={typed} onChange={(event) => setTyped(event.target.value)} className="w-56" />
          {query && <span role="status" className="px-1 text-xs text-muted">{t("matches", { n: found.count })}</span>}
          <span className="ml-auto" />
          <Button variant="ghost" size="sm" onClick={() => setAll(true)}>{t("expandAll")}</Button>
          <Button variant="ghost" size="sm" onClick={() => setAll(false)}>{t("collapseAll")}</Button>
          <CopyButton text={text} />
        </div>
      )}
      <div className="overflow-x-auto p-2 font-mono text-xs">
        <Node value={value} pointer="" depth={0} open={open} view={{ query, leads: found.leads, ...fold }} />
      </div>
    </div>
  );
}

function Node({ name, value, pointer, depth, open, view }: { name?: string; value: unknown; pointer: string; depth: number; open: number; view: View }) {
  if (value !== null && typeof value === "object") {
    return <Branch key={view.round} name={name} value={value} pointer={pointer} depth={depth} open={open} view={view} />;
  }
  return <div className="py-px pl-4"><Name name={name} query={view.query} /><Leaf value={value} query={view.query} /></div>;
}

function Branch({ name, value, pointer, depth, open, view }: { name?: string | undefined; value: object; pointer: string; depth: number; open: number; view: View }) {
  const t = useText(uiTexts);
  const [chosen, setChosen] = useState<boolean | null>(view.openAll);
  const [all, setAll] = useState(false);
  const entries = Object.entries(value);
  const isOpen = (view.query !== "" && view.leads.has(pointer)) || (chosen ?? depth < open);
  const [left, right] = Array.isArray(value) ? "[]" : "{}";
  const shown = all ? entries : entries.slice(0, MANY);
  return (
    <div>
      <button type="button" aria-expanded={isOpen} onClick={() => setChosen(!isOpen)} className="flex min-h-6 w-full items-center gap-0.5 rounded-sm text-left hover:bg-sunken">
        <ChevronRight aria-hidden className={cx("size-3.5 shrink-0 text-muted transition-transform", isOpen && "rotate-90")} />
        <Name name={name} query={view.query} />
        <span className="text-muted">{left}{isOpen ? "" : ` ${t("items", { n: entries.length })} ${right}`}</span>
      </button>
      {isOpen && (
        <div className="ml-1.5 border-l border-line pl-2">
          {shown.map(([key, child]) => (
            <Node key={key} name={key} value={child} pointer={pointer + pointerOf(key)} depth={depth + 1} open={open} view={view} />
          ))}
          {shown.length < entries.length && <Button variant="ghost" size="sm" onClick={() => setAll(true)}>{t("showAll")} ({entries.length})</Button>}
        </div>
      )}
    </div>
  );
}

function Name({ name, query }: { name?: string | undefined; query: string }) {
  return name === undefined ? null : <span className="text-accent"><Marked text={name} query={query} /><span className="text-muted">: </span></span>;
}

function Leaf({ value, query }: { value: unknown; query: string }) {
  const t = useText(uiTexts);
  const [all, setAll] = useState(false);
  if (typeof value !== "string") return <span className="text-info"><Marked text={String(value)} query={query} /></span>;
  const cut = !all && value.length > LONG && !query;
  return (
    <span className="wrap-anywhere whitespace-pre-wrap text-copper">
      <Marked text={cut ? `${value.slice(0, LONG)}…` : value} query={query} />
      {cut && <Button variant="ghost" size="sm" onClick={() => setAll(true)}>{t("showAll")}</Button>}
    </span>
  );
}

/** A text with what was searched for marked in it. */
export function Marked({ text, query }: { text: string; query: string }) {
  if (!query) return text;
  const lower = text.toLowerCase();
  const parts: React.ReactNode[] = [];
  let from = 0;
  for (let at = lower.indexOf(query); at >= 0; at = lower.indexOf(query, from)) {
    parts.push(text.slice(from, at), <mark key={at} className="rounded-sm bg-warn-soft text-warn">{text.slice(at, at + query.length)}</mark>);
    from = at + query.length;
  }
  return parts.length === 0 ? text : [...parts, text.slice(from)];
}

/** How many names and values have the text in them, and the pointers of all that they lie in. */
export function matches(value: unknown, query: string): { count: number; leads: ReadonlySet<string> } {
  const leads = new Set<string>();
  let count = 0;
  const walk = (node: unknown, pointer: string): boolean => {
    if (node === null || typeof node !== "object") {
      const hit = String(node).toLowerCase().includes(query);
      if (hit) count += 1;
      return hit;
    }
    let any = false;
    for (const [key, child] of Object.entries(node)) {
      const named = !Array.isArray(node) && key.toLowerCase().includes(query);
      if (named) count += 1;
      any = walk(child, pointer + pointerOf(key)) || named || any;
    }
    if (any) leads.add(pointer);
    return any;
  };
  if (query) walk(value, "");
  return { count, leads };
}
