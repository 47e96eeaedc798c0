import { useEffect, useMemo, useRef, useState } from "react";
import { valueAt } from "@/lib/pointer";
import { LARGE_GRAPH, layered } from "../graph/layers";
import { column, layout } from "../graph/layout";
import type { Graph, Position } from "../graph/model";
import { beginning, type Edit, type History, reduce } from "../graph/reducer";

/** A graph under edit, and what a form of it needs. */
export interface GraphEditor {
  graph: Graph;
  mayWrite: boolean;
  positions: Readonly<Record<string, Position>>;
  canUndo: boolean;
  canRedo: boolean;
  /** Does an edit; gives the names of the nodes that it made. */
  edit(edit: Edit | { do: "undo" } | { do: "redo" }): readonly string[];
  /** The graph after the last edit, before it is shown. */
  now(): Graph;
  arrange(): Promise<void>;
  /** Fields by pointers of the whole scenario: `/graph/nodes/0/label`. */
  fields: { get(pointer: string): unknown; text(pointer: string): string; set(pointer: string, value: unknown): void };
}

/** The history of edits of a graph that somebody else keeps: what changes it from outside is a step as well. */
export function useGraphEditor(graph: Graph, onChange: (graph: Graph) => void, mayWrite: boolean): GraphEditor {
  const history = useRef<History>(beginning(graph));
  const [, again] = useState(0);
  if (history.current.present !== graph) {
    history.current = JSON.stringify(history.current.present) === JSON.stringify(graph)
      ? { ...history.current, present: graph }
      : reduce(history.current, { do: "replace", graph });
  }
  const positions = usePositions(graph);
  const change = useRef(onChange);
  change.current = onChange;

  return useMemo(() => {
    // Nodes that stand nowhere yet stay where they are shown, once anything is edited.
    const settled = (state: History): History => {
      if (state.present.nodes.every((node) => node.position)) return state;
      return { ...state, present: { ...state.present, nodes: state.present.nodes.map((node) => (node.position ? node : { ...node, position: positions[node.id] ?? { x: 0, y: 0 } })) } };
    };
    const edit: GraphEditor["edit"] = (step) => {
      const before = history.current;
      if (!mayWrite) return [];
      const next = reduce(step.do === "set" || step.do === "replace" ? before : settled(before), step);
      if (next === before) return [];
      history.current = next;
      change.current(next.present);
      again((n) => n + 1);
      return next.made;
    };
    const inGraph = (pointer: string) => pointer.replace(/^\/graph/, "");
    const get = (pointer: string) => valueAt(history.current.present, inGraph(pointer));
    return {
      graph, mayWrite, positions, edit,
      now: () => history.current.present,
      canUndo: history.current.past.length > 0,
      canRedo: history.current.future.length > 0,
      arrange: async () => { edit({ do: "move", positions: await layout(history.current.present) }); },
      fields: {
        get,
        text: (pointer) => {
          const found = get(pointer);
          return found === undefined || found === null ? "" : String(found);
        },
        set: (pointer, value) => { edit({ do: "set", pointer: inGraph(pointer), value }); },
      },
    };
  }, [graph, positions, mayWrite, history.current]);
}

/** Where all nodes are shown: where they were put, else where the layout puts them. */
export function usePositions(graph: Graph): Readonly<Record<string, Position>> {
  const open = graph.nodes.filter((node) => !node.position);
  const [found, setLaid] = useState<Record<string, Position>>({});
  const key = open.map((node) => node.id).join(" ");
  // The better layout of the library would hold up the page: of a large graph it is made when somebody asks for it.
  const large = graph.nodes.length > LARGE_GRAPH;
  const quick = useMemo(() => (large && key ? layered(graph) : null), [large, key]);
  const laid = quick ?? found;
  useEffect(() => {
    if (!key || large) return;
    let current = true;
    void layout(graph).then((found) => { if (current) setLaid(found); });
    return () => { current = false; };
    // Laid out anew when other nodes lack a place, not with each edit.
  }, [key, large]);
  return useMemo(() => {
    const rough = key ? column(graph) : {};
    const all = open.length === graph.nodes.length;
    return Object.fromEntries(graph.nodes.map((node) => [node.id, node.position ?? (all || laid[node.id] ? laid[node.id] : undefined) ?? rough[node.id] ?? { x: 0, y: 0 }]));
  }, [graph, laid, key]);
}
