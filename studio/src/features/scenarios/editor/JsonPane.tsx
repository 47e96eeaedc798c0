import { useState } from "react";
import { NODE_KINDS } from "../graph/nodes";
import { useText } from "@/i18n";
import { CodeEditor } from "@/ui/code-editor";
import { editorTexts } from "../i18n-editor";
import type { Graph } from "../graph/model";
import type { GraphEditor } from "./useGraphEditor";

const KNOWN: ReadonlySet<string> = new Set(NODE_KINDS.map((kind) => kind.type));

/** The graph as JSON, beside the canvas and in step with it. */
export function JsonPane({ editor }: { editor: GraphEditor }) {
  const t = useText(editorTexts);
  const written = JSON.stringify(editor.graph, null, 2);
  const [typed, setTyped] = useState<string | null>(null);
  const read = typed === null ? null : graphOf(typed);
  const shown = typed !== null && (!read || JSON.stringify(read, null, 2) === written) ? typed : written;
  return (
    <div className="flex h-full min-h-72 flex-col gap-2">
      <p className="text-xs text-muted">{t("jsonHint")}</p>
      {typed !== null && !read && <p role="alert" className="text-xs font-medium text-bad">{t("jsonBad")}</p>}
      <CodeEditor
        language="json"
        label={t("jsonLabel")}
        value={shown}
        readOnly={!editor.mayWrite}
        height={520}
        onChange={(text) => {
          setTyped(text);
          const graph = graphOf(text);
          if (graph) editor.edit({ do: "replace", graph });
        }}
      />
    </div>
  );
}

/** The graph of a text; null for what the canvas could not show. The server has the last word on the rest. */
export function graphOf(text: string): Graph | null {
  try {
    const value = JSON.parse(text) as Graph | null;
    const isNode = (one: unknown) => typeof (one as Graph["nodes"][number])?.id === "string" && KNOWN.has((one as Graph["nodes"][number])?.does?.type);
    const isEdge = (one: unknown) => typeof (one as Graph["edges"][number])?.from === "string" && typeof (one as Graph["edges"][number])?.to === "string";
    if (!value || !Array.isArray(value.nodes) || !value.nodes.every(isNode)) return null;
    const edges = value.edges ?? [];
    if (!Array.isArray(edges) || !edges.every(isEdge)) return null;
    return { ...value, edges };
  } catch {
    return null;
  }
}
