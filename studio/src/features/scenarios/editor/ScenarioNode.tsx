import { Handle, type Node, type NodeProps, Position } from "@xyflow/react";
import { memo } from "react";
import { CircleAlert, Flag } from "lucide-react";
import { useBoth } from "@/i18n";
import { cx } from "@/lib/cx";
import { describe } from "../graph/describe";
import type { GraphNode } from "../graph/model";
import { kindOf } from "../graph/nodes";
import { NODE_TONES, type NodeLook } from "./look";
import { useWords } from "./words";

/** A node of the canvas. */
export type FlowNode = Node<{ node: GraphNode; look: NodeLook; isStart: boolean; still: boolean }, "scenario">;

const GROUNDS = { talk: "bg-accent-soft text-accent-strong", flow: "bg-info-soft text-info", check: "bg-good-soft text-good", data: "bg-warn-soft text-warn" } as const;

/** A step: what kind it is, what it is called, what it does in a line. */
export const ScenarioNode = memo(function ScenarioNode({ data: { node, look, isStart, still }, selected }: NodeProps<FlowNode>) {
  const both = useBoth();
  const words = useWords();
  const { icon: Icon, group, title } = kindOf(node.does.type);
  const wrong = (look.problems?.length ?? 0) > 0;
  const line = describe(node.does, words);
  return (
    <div
      title={look.problems?.join("\n")}
      className={cx(
        "flow-node relative flex h-full w-full items-center gap-2.5 rounded-lg border bg-raised px-2.5 text-left",
        look.tone ? NODE_TONES[look.tone] : wrong ? "border-bad" : "border-edge/60",
        selected && "ring-2 ring-accent",
      )}
    >
      <span className={cx("grid size-8 shrink-0 place-items-center rounded-md", GROUNDS[group])}><Icon aria-hidden className="size-4" /></span>
      <span className="min-w-0 flex-1">
        <span className="flex items-center gap-1.5">
          <span className="truncate text-sm font-semibold">{node.label || both(title)}</span>
          {isStart && <Flag aria-hidden className="size-3 shrink-0 text-accent" />}
        </span>
        <span className="block truncate text-xs text-muted">{line || <span className="font-mono">{node.id}</span>}</span>
      </span>
      {wrong && <CircleAlert aria-hidden className="size-4 shrink-0 text-bad" />}
      {look.badge && <span className="absolute -top-2.5 right-2 rounded-sm border border-line bg-raised px-1.5 text-2xs font-medium tabular-nums">{look.badge}</span>}
      <Handle type="target" position={Position.Top} isConnectable={!still} />
      {node.does.type !== "end" && <Handle type="source" position={Position.Bottom} isConnectable={!still} />}
    </div>
  );
});
