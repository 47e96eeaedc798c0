import { useVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, memo, useEffect, useId, useMemo, useRef } from "react";
import { ChevronRight } from "lucide-react";
import { useText } from "@/i18n";
import { cx } from "@/lib/cx";
import { compact, cost, duration } from "@/lib/format";
import { Marked } from "@/ui/json-view";
import { barColour, KindIcon, TraceIcon } from "./kinds";
import { barOf, type Bounds, ticks, took, type TreeNode } from "./tree";
import { detailTexts } from "./trace-i18n";

const ROW = 30;
/** Deeper levels do not move further to the right: names would leave the sight. */
const DEEPEST = 14;

/** What the tree takes. */
export interface TraceTreeProps {
  nodes: readonly TreeNode[];
  /** The places of the nodes that are shown, in order. */
  shown: readonly number[];
  bounds: Bounds;
  folded: ReadonlySet<string>;
  onFold(id: string, fold: boolean): void;
  /** The chosen observation; empty for the whole trace. */
  selected: string;
  onSelect(id: string): void;
  query: string;
  timeline: boolean;
  /** What the trace is called. */
  name: string;
  label: string;
}

/** All observations as a tree, of which only those in sight are in the page; with their bars it is the timeline. */
export function TraceTree(props: TraceTreeProps) {
  const { nodes, shown, bounds, folded, onFold, selected, onSelect, timeline } = props;
  const t = useText(detailTexts);
  const id = useId();
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({ count: shown.length + 1, getScrollElement: () => scroller.current, estimateSize: () => ROW, overscan: 10 });
  const place = useMemo(() => (selected === "" ? 0 : shown.findIndex((at) => nodes[at]?.id === selected) + 1), [shown, nodes, selected]);
  useEffect(() => {
    virtual.scrollToIndex(place, { align: "auto" });
  }, [place, virtual]);
  const items = virtual.getVirtualItems();
  const seen = items.some((item) => item.index === place);
  const choose = (at: number) => onSelect(at === 0 ? "" : nodes[shown[at - 1] ?? -1]?.id ?? "");
  const keys = (event: KeyboardEvent) => {
    const node = place > 0 ? nodes[shown[place - 1] ?? -1] : undefined;
    const open = node && node.children > 0 && !folded.has(node.id);
    const moves: Record<string, () => void> = {
      ArrowDown: () => choose(Math.min(shown.length, place + 1)),
      ArrowUp: () => choose(Math.max(0, place - 1)),
      Home: () => choose(0),
      End: () => choose(shown.length),
      ArrowRight: () => { if (node && node.children > 0 && !open) onFold(node.id, false); else if (open) choose(place + 1); },
      ArrowLeft: () => { if (node && open) onFold(node.id, true); else if (node) onSelect(parentOf(nodes, shown[place - 1] ?? 0)); },
    };
    const move = moves[event.key];
    if (!move) return;
    event.preventDefault();
    move();
  };
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      {timeline && <Axis bounds={bounds} />}
      <div
        ref={scroller} role="tree" tabIndex={0} aria-label={props.label} aria-activedescendant={seen ? `${id}-${place}` : undefined} onKeyDown={keys}
        className="min-h-0 flex-1 overflow-auto outline-offset-[-2px]"
      >
        <div role="none" className="relative" style={{ height: virtual.getTotalSize() }}>
          {items.map((item) => {
            const node = item.index === 0 ? undefined : nodes[shown[item.index - 1] ?? -1];
            return (
              <Row
                key={node?.id ?? ""} id={`${id}-${item.index}`} node={node} name={node?.name ?? props.name} top={item.start} chosen={item.index === place} isOpen={node ? !folded.has(node.id) : true}
                query={props.query} timeline={timeline} bounds={bounds} onSelect={onSelect} onFold={onFold}
              />
            );
          })}
        </div>
      </div>
      {shown.length === 0 && <p role="status" className="px-3 py-2 text-sm text-muted">{nodes.length === 0 ? t("noObservations") : t("noHits")}</p>}
    </div>
  );
}

/** One row; it is made anew only where something of its own has changed, so that scrolling makes the new rows alone. */
const Row = memo(function Row({ id, node, name, top, chosen, isOpen, query, timeline, bounds, onSelect, onFold }: {
  id: string;
  node: TreeNode | undefined;
  name: string;
  top: number;
  chosen: boolean;
  isOpen: boolean;
} & Pick<TraceTreeProps, "query" | "timeline" | "bounds" | "onSelect" | "onFold">) {
  const depth = node ? node.depth + 1 : 0;
  return (
    <div
      id={id} role="treeitem" aria-level={depth + 1} aria-selected={chosen} aria-expanded={node && node.children > 0 ? isOpen : undefined}
      onClick={() => onSelect(node?.id ?? "")}
      className={cx("absolute inset-x-0 flex cursor-pointer items-center border-l-2 border-transparent pr-2 text-sm hover:bg-sunken/70", chosen && "border-accent bg-accent-soft/70 hover:bg-accent-soft")}
      style={{ height: ROW, transform: `translateY(${top}px)` }}
    >
      <span className={cx("flex min-w-0 items-center gap-1.5", timeline ? "w-[40%] shrink-0 pr-2" : "flex-1")} style={{ paddingLeft: 6 + Math.min(depth, DEEPEST) * 14 }}>
        {node && node.children > 0 ? (
          <span
            aria-hidden className="-ml-1 grid size-5 shrink-0 cursor-pointer place-items-center rounded-sm hover:bg-line"
            onClick={(event) => { event.stopPropagation(); onFold(node.id, isOpen); }}
          >
            <ChevronRight className={cx("size-3.5 text-muted transition-transform", isOpen && "rotate-90")} />
          </span>
        ) : node && <span aria-hidden className="-ml-1 w-5 shrink-0" />}
        {node ? <KindIcon kind={node.type} /> : <TraceIcon />}
        <span className={cx("truncate", node?.level === "ERROR" && "text-bad", node?.level === "WARNING" && "text-warn", !node && "font-medium")} title={name}>
          <Marked text={name} query={query} />
        </span>
        {node && (node.level === "ERROR" || node.level === "WARNING") && <span className="sr-only">{node.level}</span>}
        {node && node.descendants > 0 && !isOpen && <span className="shrink-0 text-2xs text-muted">+{compact(node.descendants)}</span>}
      </span>
      {node && (timeline ? <Bar node={node} bounds={bounds} /> : <Figures node={node} />)}
    </div>
  );
});

function parentOf(nodes: readonly TreeNode[], at: number): string {
  const depth = nodes[at]?.depth ?? 0;
  for (let up = at - 1; up >= 0; up -= 1) if ((nodes[up]?.depth ?? 0) < depth) return nodes[up]?.id ?? "";
  return "";
}

/** Model, tokens, cost and time of a row, as far as there are any. */
function Figures({ node }: { node: TreeNode }) {
  const tokens = (node.input_tokens ?? 0) + (node.output_tokens ?? 0);
  const time = took(node);
  return (
    <span className="ml-2 flex shrink-0 gap-2 text-xs text-muted tabular-nums">
      {node.model && <span className="hidden max-w-28 truncate sm:block">{node.model}</span>}
      {tokens > 0 && <span>{compact(tokens)}t</span>}
      {node.cost_usd !== null && <span>{cost(node.cost_usd)}</span>}
      {node.type !== "EVENT" && time !== null && <span className="min-w-14 text-right">{duration(time)}</span>}
    </span>
  );
}

function Bar({ node, bounds }: { node: TreeNode; bounds: Bounds }) {
  const { left, width } = barOf(node, bounds);
  const time = took(node);
  const text = node.type === "EVENT" ? "" : time === null ? "…" : duration(time);
  // The text stands where there is room: after the bar, or before it near the end.
  const before = left + width > 0.85;
  return (
    <span className="relative h-full min-w-0 flex-1 overflow-hidden">
      <span className={cx("absolute top-2 h-3.5 min-w-0.5 rounded-[3px]", barColour(node.type, node.level === "ERROR"), !node.end_time && node.type !== "EVENT" && "animate-pulse")} style={{ left: `${left * 100}%`, width: `${width * 100}%` }} />
      <span
        className="absolute top-1.5 px-1.5 text-2xs leading-[18px] text-muted tabular-nums"
        style={before ? { right: `${(1 - left) * 100}%` } : { left: `${(left + width) * 100}%` }}
      >
        {text}
      </span>
    </span>
  );
}

function Axis({ bounds }: { bounds: Bounds }) {
  const whole = bounds.end - bounds.start;
  return (
    <div aria-hidden className="flex h-6 shrink-0 border-b border-line pr-2 text-2xs text-muted">
      <span className="w-[40%] shrink-0" />
      <span className="relative flex-1">
        {ticks(whole).filter((at) => at / whole < 0.9).map((at) => <span key={at} className="absolute top-1 border-l border-line pl-1 whitespace-nowrap tabular-nums" style={{ left: `${(at / whole) * 100}%` }}>{duration(at)}</span>)}
      </span>
    </div>
  );
}
