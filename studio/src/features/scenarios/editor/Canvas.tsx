import "./flow.css";
import {
  Background, BackgroundVariant, type Connection, type EdgeChange, MarkerType, MiniMap, type NodeChange, Panel, ReactFlow, ReactFlowProvider, SelectionMode, useReactFlow,
} from "@xyflow/react";
import { type Dispatch, type DragEvent, type MouseEvent, type ReactNode, type SetStateAction, useEffect, useMemo, useState } from "react";
import { Maximize2, ZoomIn, ZoomOut } from "lucide-react";
import { useBoth, useText } from "@/i18n";
import { Button } from "@/ui/button";
import { Tooltip } from "@/ui/tooltip";
import { describeWhen } from "../graph/describe";
import { edgeIds, type Graph, NODE_SIZE, nodeOf, type NodeType, type Position } from "../graph/model";
import { kindOf } from "../graph/nodes";
import { laneOf } from "../graph/route";
import { editorTexts } from "../i18n-editor";
import { EDGE_TONES, type EdgeLook, type NodeLook } from "./look";
import { type FlowNode, ScenarioNode } from "./ScenarioNode";
import { type FlowEdge, WayEdge } from "./WayEdge";
import { useWords } from "./words";

/** What is selected on a canvas. */
export interface Selection {
  nodes: ReadonlySet<string>;
  edges: ReadonlySet<string>;
}

/** Nothing. */
export const NOTHING_SELECTED: Selection = { nodes: new Set(), edges: new Set() };

/** What a person does on the canvas, where it can be edited. */
export interface CanvasEditing {
  onMove(positions: Record<string, Position>): void;
  onConnect(from: string, to: string): void;
  onReconnect(edge: string, from: string, to: string): void;
  onDelete(nodes: string[], edges: string[]): void;
  onDrop(type: NodeType, at: Position): void;
}

/** Where the canvas is to look: these nodes, all when there are none. Another `round` looks again. */
export interface Focus {
  nodes: readonly string[];
  round: number;
}

/** The type of what is dragged from the palette. */
export const DRAGGED = "application/x-assay-step";

export interface CanvasProps {
  graph: Graph;
  positions: Readonly<Record<string, Position>>;
  selection: Selection;
  onSelect: Dispatch<SetStateAction<Selection>>;
  nodeLook?: ReadonlyMap<string, NodeLook>;
  edgeLook?: ReadonlyMap<string, EdgeLook>;
  editing?: CanvasEditing | undefined;
  focus?: Focus;
  label: string;
  /** Buttons at its top left. */
  children?: ReactNode;
  onCentre?: (at: () => Position) => void;
}

const nodeTypes = { scenario: ScenarioNode };
const edgeTypes = { way: WayEdge };
const NO_NODE_LOOK: NodeLook = {};
const NO_EDGE_LOOK: EdgeLook = {};
const { width, height } = NODE_SIZE;
/** Room around what is shown: buttons lie at the top, the map at the bottom. */
const fit = (still: boolean, mapped: boolean) => ({ top: still ? "28px" : "64px", bottom: mapped ? "100px" : "48px", x: "40px" }) as const;
/** Smaller graphs are seen at a glance. */
const MAPPED = 8;
const LARGE = 24;
const HANDLES = [
  { type: "target", position: "top", x: width / 2 - 5.5, y: -5.5, width: 11, height: 11 },
  { type: "source", position: "bottom", x: width / 2 - 5.5, y: height - 5.5, width: 11, height: 11 },
] as FlowNode["handles"];

/** A graph of a scenario: to be edited, or with what a version or a run makes of it. */
export const Canvas = (props: CanvasProps) => <ReactFlowProvider><Flow {...props} /></ReactFlowProvider>;

function Flow({ graph, positions, selection, onSelect, nodeLook, edgeLook, editing, focus, label, children, onCentre }: CanvasProps) {
  const t = useText(editorTexts);
  const both = useBoth();
  const words = useWords();
  const flow = useReactFlow();
  const [dragged, setDragged] = useState<Record<string, Position> | null>(null);
  const still = !editing;
  const mapped = graph.nodes.length > MAPPED;
  const room = fit(still, mapped);
  // All of a large graph would be too small to read: it is shown from its beginning.
  const begin = graph.nodes.length > LARGE ? { nodes: graph.nodes.slice(0, MAPPED).map(({ id }) => ({ id })) } : {};

  const shown = useMemo(() => (dragged ? { ...positions, ...dragged } : positions), [positions, dragged]);

  const nodes = useMemo<FlowNode[]>(() => graph.nodes.map((node) => {
    const look = nodeLook?.get(node.id) ?? NO_NODE_LOOK;
    const wrong = look.problems?.length ? `, ${t("problemAria")}` : "";
    return {
      id: node.id,
      type: "scenario",
      position: shown[node.id] ?? { x: 0, y: 0 },
      selected: selection.nodes.has(node.id),
      width, height, measured: NODE_SIZE, handles: HANDLES,
      ariaLabel: `${t("nodeAria", { title: node.label || both(kindOf(node.does.type).title), name: node.id })}${look.badge ? `, ${look.badge}` : ""}${wrong}`,
      data: { node, look, isStart: node.id === graph.start, still },
    } as FlowNode;
  }), [graph, shown, selection.nodes, nodeLook, still, t, both]);

  const edges = useMemo<FlowEdge[]>(() => {
    const places = graph.nodes.map((node) => ({ id: node.id, at: shown[node.id] ?? { x: 0, y: 0 } }));
    const taken: { lane: number; top: number; bottom: number }[] = [];
    return edgeIds(graph.edges).map((id, index) => {
      const edge = graph.edges[index] as Graph["edges"][number];
      const look = edgeLook?.get(id) ?? NO_EDGE_LOOK;
      const [from, to] = [shown[edge.from], shown[edge.to]];
      let lane: number | null = null;
      // The next layer is reached without a detour.
      if (from && to && (to.y < from.y + height + 20 || to.y > from.y + height * 3)) {
        lane = laneOf(from, to, places.filter(({ id }) => id !== edge.from && id !== edge.to).map(({ at }) => at));
        // Two ways in one lane would be seen as one.
        const [top, bottom] = [Math.min(from.y, to.y), Math.max(from.y, to.y) + height];
        while (taken.some((one) => Math.abs(one.lane - (lane ?? 0)) < 10 && one.top < bottom && one.bottom > top)) lane += 14;
        taken.push({ lane, top, bottom });
      }
      return {
        id, source: edge.from, target: edge.to, type: "way",
        selected: selection.edges.has(id),
        reconnectable: !still,
        ariaLabel: t("edgeAria", { from: edge.from, to: edge.to }),
        markerEnd: { type: MarkerType.ArrowClosed, width: 24, height: 24, markerUnits: "userSpaceOnUse", color: look.tone ? EDGE_TONES[look.tone] : "var(--edge)" },
        data: {
          text: describeWhen(edge.when, nodeOf(graph, edge.from)?.does.type, words), look, lane,
          onPick: () => onSelect({ nodes: new Set(), edges: new Set([id]) }),
        },
      } satisfies FlowEdge;
    });
  }, [graph, shown, selection.edges, edgeLook, still, t, words, onSelect]);

  useEffect(() => {
    // Nobody has asked to look anywhere yet: the graph is shown as it is opened.
    if (!focus || focus.round === 0) return;
    // The nodes may have been made in this very moment: the canvas has to know them first.
    const timer = setTimeout(() => void flow.fitView({
      padding: room, maxZoom: 1, duration: matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 250,
      ...(focus.nodes.length > 0 ? { nodes: focus.nodes.map((id) => ({ id })) } : {}),
    }), 30);
    return () => clearTimeout(timer);
  }, [focus, flow]);

  // Nodes without a place are laid out a moment after they are shown.
  const laid = graph.nodes.some((node) => !node.position) ? JSON.stringify(positions) : "";
  useEffect(() => {
    if (!laid) return;
    const timer = setTimeout(() => void flow.fitView({ padding: room, maxZoom: 1, ...begin }), 30);
    return () => clearTimeout(timer);
  }, [laid, flow]);

  // Nodes and edges tell of their changes one after the other, in the same moment: each adds to what the other said.
  const select = (which: "nodes" | "edges", changes: readonly { type: string; id?: string; selected?: boolean }[]) => {
    const picked = changes.filter((change) => change.type === "select");
    if (picked.length === 0) return;
    onSelect((before) => {
      const next = new Set(before[which]);
      for (const { id, selected } of picked) {
        if (selected) next.add(id ?? "");
        else next.delete(id ?? "");
      }
      return { ...before, [which]: next };
    });
  };
  const nodesChanged = (changes: NodeChange<FlowNode>[]) => {
    select("nodes", changes);
    const moves = changes.filter((change) => change.type === "position");
    if (moves.length === 0 || !editing) return;
    const to = Object.fromEntries(moves.flatMap((move) => (move.position ? [[move.id, move.position]] : [])));
    if (moves.some((move) => move.dragging)) {
      setDragged((before) => ({ ...before, ...to }));
    } else {
      setDragged(null);
      editing.onMove({ ...dragged, ...to });
    }
  };
  const edgesChanged = (changes: EdgeChange<FlowEdge>[]) => select("edges", changes);
  const connect = ({ source, target }: Connection) => editing?.onConnect(source, target);
  const drop = (event: DragEvent) => {
    const type = event.dataTransfer.getData(DRAGGED) as NodeType;
    if (!type || !editing) return;
    event.preventDefault();
    const at = flow.screenToFlowPosition({ x: event.clientX, y: event.clientY });
    editing.onDrop(type, { x: at.x - width / 2, y: at.y - height / 2 });
  };
  useEffect(() => onCentre?.(() => {
    const box = document.querySelector(".react-flow")?.getBoundingClientRect();
    const at = flow.screenToFlowPosition({ x: (box?.left ?? 0) + (box?.width ?? 0) / 2, y: (box?.top ?? 0) + (box?.height ?? 0) / 2 });
    return { x: at.x - width / 2, y: at.y - height / 2 };
  }), [flow, onCentre]);

  const spoken = useMemo(() => ({
    "node.a11yDescription.default": t("nodeKeysOnly"),
    // Read where the keyboard does work, whatever it is called.
    "node.a11yDescription.keyboardDisabled": t(still ? "nodeKeysOnly" : "nodeKeys"),
    "node.a11yDescription.ariaLiveMessage": ({ x, y }: { x: number; y: number }) => t("moved", { x: Math.round(x), y: Math.round(y) }),
    "edge.a11yDescription.default": t("edgeKeys"),
    "minimap.ariaLabel": t("minimap"),
  }), [t, still]);
  return (
    <ReactFlow
      ariaLabelConfig={spoken}
      aria-label={label}
      role="application"
      className={still ? "flow-still" : ""}
      nodes={nodes}
      edges={edges}
      nodeTypes={nodeTypes}
      edgeTypes={edgeTypes}
      onNodesChange={nodesChanged}
      onEdgesChange={edgesChanged}
      onConnect={connect}
      onNodeClick={focusOn}
      onEdgeClick={focusOn}
      onPaneClick={() => { if (document.activeElement instanceof HTMLElement) document.activeElement.blur(); }}
      onReconnect={(old, to) => editing?.onReconnect(old.id, to.source, to.target)}
      onDelete={({ nodes: gone, edges: lost }) => editing?.onDelete(gone.map((node) => node.id), lost.filter((edge) => selection.edges.has(edge.id)).map((edge) => edge.id))}
      onDragOver={(event) => { if (editing) { event.preventDefault(); event.dataTransfer.dropEffect = "copy"; } }}
      onDrop={drop}
      nodesDraggable={!still}
      nodesConnectable={!still}
      edgesReconnectable={!still}
      deleteKeyCode={still ? null : ["Backspace", "Delete"]}
      multiSelectionKeyCode={["Shift", "Meta", "Control"]}
      selectionMode={SelectionMode.Partial}
      fitView
      fitViewOptions={{ padding: room, maxZoom: 1, ...begin }}
      // Smaller graphs stay in the page as a whole, so that Tab leads through all of their nodes.
      onlyRenderVisibleElements={graph.nodes.length > LARGE}
      minZoom={0.04}
      maxZoom={1.75}
      elevateNodesOnSelect={false}
      proOptions={{ hideAttribution: true }}
    >
      <Background variant={BackgroundVariant.Dots} gap={22} size={1.2} />
      {children && <Panel position="top-left" className="flex max-w-full flex-wrap items-center gap-1 rounded-md border border-line bg-surface/95 p-1">{children}</Panel>}
      <Panel position="bottom-left" className="flex gap-0.5 rounded-md border border-line bg-surface/95 p-0.5">
        <Tooltip text={t("zoomOut")}><Button variant="ghost" size="icon-sm" aria-label={t("zoomOut")} onClick={() => void flow.zoomOut()}><ZoomOut aria-hidden /></Button></Tooltip>
        <Tooltip text={t("zoomIn")}><Button variant="ghost" size="icon-sm" aria-label={t("zoomIn")} onClick={() => void flow.zoomIn()}><ZoomIn aria-hidden /></Button></Tooltip>
        <Tooltip text={t("fit")}><Button variant="ghost" size="icon-sm" aria-label={t("fit")} onClick={() => void flow.fitView({ padding: room, maxZoom: 1 })}><Maximize2 aria-hidden /></Button></Tooltip>
      </Panel>
      {mapped && <MiniMap pannable zoomable ariaLabel={t("minimap")} nodeColor={mapColour} nodeBorderRadius={8} style={{ width: 116, height: 76 }} />}
    </ReactFlow>
  );
}

/** A pressed mouse moves the canvas, not the focus: it would stay in the field that was typed into last, and keys with it. */
function focusOn(event: MouseEvent) {
  (event.target as Element).closest<HTMLElement>(".react-flow__node, .react-flow__edge")?.focus({ preventScroll: true });
}

function mapColour({ data: { look } }: FlowNode): string {
  if (look.problems?.length || look.tone === "failed" || look.tone === "removed") return "var(--bad)";
  if (look.tone === "waiting" || look.tone === "changed") return "var(--warn)";
  if (look.tone === "added") return "var(--good)";
  return look.tone && look.tone !== "faint" ? "var(--accent)" : "var(--edge)";
}
