import { type ReactNode, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { CircleAlert, CircleCheck, CircleHelp, Copy, Network, Redo2, Trash2, Undo2 } from "lucide-react";
import { useText } from "@/i18n";
import { cx } from "@/lib/cx";
import { type Shortcut, useShortcuts } from "@/lib/keyboard";
import { Button } from "@/ui/button";
import { FieldErrors } from "@/ui/field";
import { Tabs } from "@/ui/tabs";
import { Tooltip } from "@/ui/tooltip";
import { edgeIds, type Graph, mostEdges, NODE_SIZE, nodeOf, type NodeType, type Position } from "../graph/model";
import { kindOf } from "../graph/nodes";
import { walked } from "../graph/path";
import { problemsOf } from "../graph/problems";
import { LAYER } from "../graph/reducer";
import { editorTexts } from "../i18n-editor";
import { scenarioTexts } from "../i18n";
import type { Assumptions, Check } from "../useCheck";
import { Canvas, type Focus, NOTHING_SELECTED, type Selection } from "./Canvas";
import { DryRunPane } from "./DryRunPane";
import { Inspector } from "./Inspector";
import { JsonPane } from "./JsonPane";
import type { EdgeLook, NodeLook } from "./look";
import { Palette } from "./Palette";
import { useClipboard } from "./useClipboard";
import { useGraphEditor } from "./useGraphEditor";

/** Parts of the panel beside the canvas. */
export type PanelTab = "inspector" | "json" | "dry";

/** The builder: palette, canvas, and what is selected, as JSON or as a dry run. */
export function GraphPane({ graph, onChange, mayWrite, errors, check, checked, assumptions, onAssume, panel, onPanel, node, onNode, whole, attention }: {
  graph: Graph;
  onChange(graph: Graph): void;
  mayWrite: boolean;
  /** What is wrong, by pointers of the scenario. */
  errors: ReadonlyMap<string, string>;
  check: Check | undefined;
  /** Whether the server has looked at the graph as it stands. */
  checked: Checked;
  assumptions: Assumptions;
  onAssume(next: Assumptions): void;
  panel: PanelTab;
  onPanel(next: PanelTab): void;
  /** The step that is selected at first. */
  node: string;
  onNode(node: string): void;
  /** Fields of the scenario as a whole, shown while nothing is selected. */
  whole: ReactNode;
  /** Raised when a save was refused: the first problem is shown. */
  attention: number;
}) {
  const t = useText(editorTexts);
  const editor = useGraphEditor(graph, onChange, mayWrite);
  const [selection, select] = useState<Selection>(() => (node && nodeOf(graph, node) ? { nodes: new Set([node]), edges: new Set() } : NOTHING_SELECTED));
  // A link leads to the step that its sender had before them.
  const [single] = selection.nodes.size === 1 ? selection.nodes : [];
  useEffect(() => onNode(single ?? ""), [single]);
  const [focus, setFocus] = useState<Focus>({ nodes: [], round: 0 });
  const centre = useRef<() => Position>(() => ({ x: 0, y: 0 }));
  const onCentre = useCallback((at: () => Position) => { centre.current = at; }, []);
  const side = useRef<HTMLDivElement>(null);
  const problems = useMemo(() => problemsOf(errors, graph), [errors, graph]);
  const lookAt = useCallback((nodes: readonly string[]) => setFocus(({ round }) => ({ nodes, round: round + 1 })), []);
  const pick = useCallback((nodes: readonly string[]) => select({ nodes: new Set(nodes), edges: new Set() }), []);

  const dry = panel === "dry" ? check?.dry : null;
  const [nodeLook, edgeLook] = useMemo(() => looks(graph, problems, dry?.path.map((visit) => visit.node)), [graph, problems, dry]);

  const add = (type: NodeType, at?: Position, after?: string) => {
    if (!mayWrite) return;
    const chosen = after ?? (at || selection.nodes.size !== 1 ? undefined : [...selection.nodes][0]);
    const before = chosen === undefined ? undefined : nodeOf(graph, chosen);
    const from = before && (editor.positions[before.id] ?? { x: 0, y: 0 });
    const siblings = before ? graph.edges.filter((edge) => edge.from === before.id).length : 0;
    // What is put into the only way on takes the place below; the rest moves down.
    const spliced = before !== undefined && siblings === 1 && mostEdges(before.does.type) === 1 && type !== "end";
    const place = at ?? (from && spliced ? { x: from.x, y: from.y + LAYER } : from ? free(editor.positions, { x: from.x + (before && ["condition", "loop", "parallel"].includes(before.does.type) ? siblings * (NODE_SIZE.width + 40) : 0), y: from.y + LAYER }) : free(editor.positions, centre.current()));
    const made = editor.edit({ do: "add", does: structuredClone(kindOf(type).does), at: place, ...(before ? { after: before.id } : {}) });
    pick(made);
    if (!at) lookAt(graph.nodes.length < 12 ? [] : [...(before ? [before.id] : []), ...made]);
    onPanel("inspector");
  };
  const connect = (from: string, to: string) => {
    const known = new Set(edgeIds(graph.edges));
    editor.edit({ do: "connect", from, to });
    const next = editor.now();
    const index = edgeIds(next.edges).findIndex((id) => !known.has(id));
    // A way with a condition wants to be told which.
    if (next.edges[index]?.when) select({ nodes: new Set(), edges: new Set([edgeIds(next.edges)[index] ?? ""]) });
  };
  const remove = () => {
    if (!mayWrite) return;
    editor.edit({ do: "delete", nodes: [...selection.nodes], edges: [...selection.edges] });
    select(NOTHING_SELECTED);
  };
  const { duplicate } = useClipboard({ editor, selection, mayWrite, onPasted: (made) => { pick(made); lookAt(graph.nodes.length < 12 ? [] : made); }, onCut: remove });

  const wrong = [...problems.nodes.keys()];
  const round = useRef(0);
  const goToProblem = () => {
    const places = [...wrong.map((id) => ({ nodes: [id], edge: null as string | null })), ...[...problems.edges.keys()].map((id) => ({ nodes: endsOf(graph, id), edge: id }))];
    const place = places[round.current++ % Math.max(places.length, 1)];
    onPanel("inspector");
    if (!place) return select(NOTHING_SELECTED);
    select({ nodes: new Set(place.edge ? [] : place.nodes), edges: new Set(place.edge ? [place.edge] : []) });
    lookAt(place.nodes);
  };
  const latest = useRef(goToProblem);
  latest.current = goToProblem;
  useEffect(() => {
    if (attention === 0) return;
    round.current = 0;
    latest.current();
  }, [attention]);

  const shortcuts: Shortcut[] = [
    { keys: "Mod+z", label: { en: "Undo", vi: "Hoàn tác" }, run: (event) => editor.edit({ do: event.shiftKey ? "redo" : "undo" }) },
    { keys: "Mod+y", label: { en: "Redo", vi: "Làm lại" }, run: () => editor.edit({ do: "redo" }) },
    { keys: "Mod+d", label: { en: "Duplicate", vi: "Nhân đôi" }, run: duplicate },
    { keys: "Mod+a", label: { en: "Select all nodes", vi: "Chọn mọi nút" }, run: () => pick(graph.nodes.map((node) => node.id)) },
    { keys: "e", label: { en: "Edit what is selected", vi: "Sửa mục đang chọn" }, run: () => side.current?.querySelector<HTMLElement>("[role=tabpanel] :is(input, textarea, select)")?.focus() },
    { keys: "n", label: { en: "Next problem", vi: "Vấn đề tiếp theo" }, run: goToProblem },
    { keys: "l", label: { en: "Arrange the graph", vi: "Sắp xếp đồ thị" }, run: () => void arrange() },
    { keys: "Escape", label: { en: "Select nothing", vi: "Bỏ chọn" }, run: () => select(NOTHING_SELECTED) },
  ];
  useShortcuts(shortcuts);
  const arrange = async () => {
    await editor.arrange();
    lookAt([]);
  };

  const tools: [string, typeof Undo2, () => void, boolean][] = [
    [t("undo"), Undo2, () => editor.edit({ do: "undo" }), editor.canUndo],
    [t("redo"), Redo2, () => editor.edit({ do: "redo" }), editor.canRedo],
    [t("arrange"), Network, () => void arrange(), true],
    [t("duplicate"), Copy, duplicate, selection.nodes.size > 0],
    [t("remove"), Trash2, remove, selection.nodes.size + selection.edges.size > 0],
  ];
  return (
    <FieldErrors value={errors}>
      <div className={cx("card grid grid-cols-[minmax(0,1fr)] overflow-hidden lg:h-[calc(100dvh-9.5rem)] lg:min-h-[32rem]", mayWrite ? "lg:grid-cols-[10.5rem_minmax(0,1fr)_20rem]" : "lg:grid-cols-[minmax(0,1fr)_20rem]")}>
        {mayWrite && <Palette onAdd={(type) => add(type)} />}
        <div className="relative min-h-0 max-lg:h-[26rem]">
          <Canvas
            label={t("canvas")}
            graph={graph}
            positions={editor.positions}
            selection={selection}
            onSelect={select}
            nodeLook={nodeLook}
            edgeLook={edgeLook}
            focus={focus}
            onCentre={onCentre}
            editing={mayWrite ? {
              onMove: (positions) => editor.edit({ do: "move", positions }),
              onConnect: connect,
              onReconnect: (edge, from, to) => editor.edit({ do: "reconnect", edge, from, to }),
              onDelete: (nodes, edges) => { editor.edit({ do: "delete", nodes, edges }); select(NOTHING_SELECTED); },
              onDrop: (type, at) => add(type, at),
            } : undefined}
          >
            {mayWrite && tools.map(([label, Icon, run, can]) => (
              <Tooltip key={label} text={label}><Button variant="ghost" size="icon-sm" aria-label={label} disabled={!can} onClick={run}><Icon aria-hidden /></Button></Tooltip>
            ))}
            <ProblemChip count={problems.count} checked={checked} onGo={goToProblem} />
          </Canvas>
        </div>
        <div ref={side} className="min-h-0 overflow-y-auto border-line bg-surface px-4 pb-4 max-lg:border-t lg:border-l">
          <Tabs
            label={t("panel")}
            value={panel}
            onChange={onPanel}
            tabs={[{ value: "inspector", label: t("inspector") }, { value: "dry", label: t("dryTab") }, { value: "json", label: t("jsonTab") }]}
          >
            {panel === "json" ? <JsonPane editor={editor} />
              : panel === "dry" ? <DryRunPane graph={graph} check={check} assumptions={assumptions} onAssume={onAssume} onVisit={(id) => { if (nodeOf(graph, id)) { pick([id]); lookAt([id]); } }} />
              : (
                <fieldset disabled={!mayWrite} className="grid gap-4">
                  <SelectedProblems selection={selection} problems={problems} />
                  <Inspector
                    editor={editor}
                    selection={selection}
                    whole={whole}
                    actions={{ select, duplicate, remove, connect, addAfter: (type, id) => add(type, undefined, id) }}
                  />
                </fieldset>
              )}
          </Tabs>
        </div>
      </div>
    </FieldErrors>
  );
}

type Checked = "busy" | "sound" | "unknown";

function ProblemChip({ count, checked, onGo }: { count: number; checked: Checked; onGo(): void }) {
  const t = useText(scenarioTexts);
  const e = useText(editorTexts);
  if (count === 0) {
    const text = t(checked === "busy" ? "checking" : checked === "unknown" ? "unchecked" : "noProblems");
    const Icon = checked === "unknown" ? CircleHelp : CircleCheck;
    return <span role="status" className="flex items-center px-1.5 text-muted" title={text}><Icon aria-hidden className={cx("size-4", checked === "busy" ? "animate-pulse" : checked === "sound" && "text-good")} /><span className="sr-only">{text}</span></span>;
  }
  return <Button variant="ghost" size="sm" className="text-bad" title={e("zoomProblem")} onClick={onGo}><CircleAlert aria-hidden />{t("problems", { n: count })}</Button>;
}

/** What is wrong with the selected part, or with all where nothing is selected. */
function SelectedProblems({ selection, problems }: { selection: Selection; problems: ReturnType<typeof problemsOf> }) {
  const t = useText(editorTexts);
  const [node] = selection.nodes;
  const [edge] = selection.edges;
  const lines = node !== undefined ? (problems.nodes.get(node) ?? [])
    : edge !== undefined ? (problems.edges.get(edge) ?? [])
      : [
        ...problems.rest.map((one) => `${one.pointer.slice(1) || ""} ${one.message}`.trim()),
        ...problems.graph.map((one) => `${one.pointer.replace(/^\/graph\/?/, "")} ${one.message}`.trim()),
        ...[...problems.nodes].flatMap(([id, texts]) => texts.map((text) => t("nodeProblem", { name: id, text }))),
        ...[...problems.edges].flatMap(([id, texts]) => texts.map((text) => t("nodeProblem", { name: id.replace(">", " → "), text }))),
      ];
  if (lines.length === 0) return null;
  return (
    <div role="status" className="rounded-md bg-bad-soft px-3 py-2 text-xs text-bad">
      <p className="font-semibold">{t("problemsTitle")}</p>
      <ul className="mt-1 grid gap-0.5">{lines.slice(0, 12).map((line) => <li key={line} className="wrap-anywhere">{line}</li>)}</ul>
    </div>
  );
}

function looks(graph: Graph, problems: ReturnType<typeof problemsOf>, path: readonly string[] | undefined): [Map<string, NodeLook>, Map<string, EdgeLook>] {
  const lit = path ? walked(path, graph) : null;
  const nodes = new Map(graph.nodes.map(({ id }): [string, NodeLook] => {
    const times = lit?.nodes.get(id) ?? 0;
    return [id, { problems: problems.nodes.get(id), tone: lit ? (times > 0 ? "visited" : "faint") : undefined, badge: times > 1 ? `${times}×` : undefined }];
  }));
  const edges = new Map(edgeIds(graph.edges).map((id): [string, EdgeLook] => [id, { problems: problems.edges.get(id), tone: lit ? (lit.edges.has(id) ? "taken" : "faint") : undefined }]));
  return [nodes, edges];
}

const endsOf = (graph: Graph, id: string): string[] => {
  const edge = graph.edges[edgeIds(graph.edges).indexOf(id)];
  return edge ? [edge.from, edge.to].filter((name) => nodeOf(graph, name)) : [];
};

/** A place near another one that no node covers. */
function free(positions: Readonly<Record<string, Position>>, { x, y }: Position): Position {
  const taken = Object.values(positions);
  const covered = (at: Position) => taken.some((one) => Math.abs(one.x - at.x) < NODE_SIZE.width && Math.abs(one.y - at.y) < NODE_SIZE.height + 20);
  const at = { x, y };
  while (covered(at)) at.x += NODE_SIZE.width + 40;
  return at;
}
