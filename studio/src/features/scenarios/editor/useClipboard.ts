import { useEffect, useRef } from "react";
import { isTyping } from "@/lib/keyboard";
import type { GraphEdge, GraphNode } from "../graph/model";
import { type Clip, clipOf } from "../graph/reducer";
import type { Selection } from "./Canvas";
import type { GraphEditor } from "./useGraphEditor";

/** Copied nodes as the text of the clipboard, so that they can be put into another scenario, tab or file. */
const written = (clip: Clip) => JSON.stringify({ assay: "scenario-nodes", ...clip }, null, 2);

function read(text: string): Clip | null {
  try {
    const value = JSON.parse(text) as { assay?: string; nodes?: GraphNode[]; edges?: GraphEdge[] };
    return value.assay === "scenario-nodes" && Array.isArray(value.nodes) ? { nodes: value.nodes, edges: value.edges ?? [] } : null;
  } catch {
    return null;
  }
}

/** Copy, cut and paste by the browser's own events, which need no permission; and duplicates. */
export function useClipboard({ editor, selection, mayWrite, onPasted, onCut }: {
  editor: GraphEditor;
  selection: Selection;
  mayWrite: boolean;
  onPasted(made: readonly string[]): void;
  onCut(): void;
}): { duplicate(): void } {
  const paste = (clip: Clip, offset = 40) => {
    if (!mayWrite) return;
    onPasted(editor.edit({ do: "paste", clip, offset: { x: offset, y: offset } }));
  };
  const selected = (): Clip => {
    const clip = clipOf(editor.graph, selection.nodes);
    return { ...clip, nodes: clip.nodes.map((node) => ({ ...node, position: node.position ?? editor.positions[node.id] ?? { x: 0, y: 0 } })) };
  };
  const latest = useRef({ paste, selected, onCut, mayWrite });
  latest.current = { paste, selected, onCut, mayWrite };
  useEffect(() => {
    const skip = (event: ClipboardEvent) => isTyping(event.target) || document.querySelector("dialog[open]") !== null || String(getSelection()) !== "";
    const copied = (event: ClipboardEvent) => {
      const clip = latest.current.selected();
      if (skip(event) || clip.nodes.length === 0) return;
      event.preventDefault();
      event.clipboardData?.setData("text/plain", written(clip));
      if (event.type === "cut" && latest.current.mayWrite) latest.current.onCut();
    };
    const pasted = (event: ClipboardEvent) => {
      if (skip(event)) return;
      const clip = read(event.clipboardData?.getData("text/plain") ?? "");
      if (!clip) return;
      event.preventDefault();
      latest.current.paste(clip);
    };
    document.addEventListener("copy", copied);
    document.addEventListener("cut", copied);
    document.addEventListener("paste", pasted);
    return () => {
      document.removeEventListener("copy", copied);
      document.removeEventListener("cut", copied);
      document.removeEventListener("paste", pasted);
    };
  }, []);
  return {
    duplicate: () => {
      const clip = selected();
      if (clip.nodes.length > 0) paste(clip, 56);
    },
  };
}
