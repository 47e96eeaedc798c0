import { Background, Controls, Handle, MarkerType, type Node, type NodeProps, Position, ReactFlow } from "@xyflow/react";
import "@xyflow/react/dist/style.css";
import { useMemo } from "react";
import { useSeenTheme } from "@/app/theme";
import { useText } from "@/i18n";
import { cx } from "@/lib/cx";
import { duration } from "@/lib/format";
import { graphOf, MOST_STEPS, type Step } from "./graph";
import { KindIcon } from "./kinds";
import type { TreeNode } from "./tree";
import { detailTexts } from "./trace-i18n";

type StepNode = Node<{ step: Step; chosen: boolean }, "step">;

const WIDTH = 230;
const HEIGHT = 96;

function StepBox({ data: { step, chosen } }: NodeProps<StepNode>) {
  const t = useText(detailTexts);
  return (
    <div className={cx("grid w-44 gap-0.5 rounded-md border bg-raised px-2.5 py-1.5 text-xs shadow-sm", chosen ? "border-accent ring-2 ring-accent/40" : step.failed > 0 ? "border-bad" : "border-line")}>
      <Handle type="target" position={Position.Left} className="!size-1.5 !border-0 !bg-edge" />
      <span className="flex items-center gap-1.5 font-medium"><KindIcon kind={step.type} /><span className="truncate" title={step.name}>{step.name}</span></span>
      <span className="flex gap-2 text-muted tabular-nums">
        {step.ids.length > 1 && <span>{t("times", { n: step.ids.length })}</span>}
        {step.type !== "EVENT" && <span>{duration(step.total_ms)}</span>}
        {step.failed > 0 && <span className="text-bad">{t("errors", { n: step.failed })}</span>}
      </span>
      <Handle type="source" position={Position.Right} className="!size-1.5 !border-0 !bg-edge" />
    </div>
  );
}

const nodeTypes = { step: StepBox };

/** The trace as a graph of its kinds of steps. A click chooses the first observation of a kind, and each further one the next. */
export default function TraceGraph({ nodes, selected, onSelect }: { nodes: readonly TreeNode[]; selected: string; onSelect(id: string): void }) {
  const t = useText(detailTexts);
  const theme = useSeenTheme();
  const graph = useMemo(() => graphOf(nodes), [nodes]);
  const boxes = useMemo<StepNode[]>(() => graph.steps.map((step) => ({
    id: step.key, type: "step", position: { x: step.column * WIDTH, y: step.row * HEIGHT }, data: { step, chosen: step.ids.includes(selected) }, ariaLabel: `${step.type.toLowerCase()} ${step.name}`,
  })), [graph, selected]);
  const edges = useMemo(() => graph.calls.map((call) => ({
    id: `${call.from}\n${call.to}`, source: call.from, target: call.to, label: call.count > 1 ? `${call.count}×` : undefined,
    markerEnd: { type: MarkerType.ArrowClosed, width: 16, height: 16 },
  })), [graph]);
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <p className="border-b border-line px-3 py-1.5 text-xs text-muted">{t("graphText")} {graph.cut && t("tooMany", { n: MOST_STEPS })}</p>
      <div className="min-h-72 flex-1">
        <ReactFlow<StepNode>
          nodes={boxes} edges={edges} nodeTypes={nodeTypes} colorMode={theme === "dark" ? "dark" : "light"} fitView fitViewOptions={{ maxZoom: 1, padding: 0.15 }} minZoom={0.1}
          nodesDraggable={false} nodesConnectable={false} edgesFocusable={false}
          onNodeClick={(_, { data: { step } }) => onSelect(step.ids[(step.ids.indexOf(selected) + 1) % step.ids.length] ?? "")}
          onKeyDown={(event) => {
            const box = (event.target as Element).closest("[data-id]")?.getAttribute("data-id");
            const step = graph.steps.find((one) => one.key === box);
            if (step && (event.key === "Enter" || event.key === " ")) onSelect(step.ids[(step.ids.indexOf(selected) + 1) % step.ids.length] ?? "");
          }}
        >
          <Background gap={20} />
          <Controls showInteractive={false} />
        </ReactFlow>
      </div>
    </div>
  );
}
