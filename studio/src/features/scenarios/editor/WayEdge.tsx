import { BaseEdge, type Edge, EdgeLabelRenderer, type EdgeProps, getSmoothStepPath } from "@xyflow/react";
import { memo } from "react";
import { cx } from "@/lib/cx";
import { NODE_SIZE } from "../graph/model";
import { EDGE_TONES, type EdgeLook } from "./look";

/** An edge of the canvas; `text` is when it is taken. */
export type FlowEdge = Edge<{ text: string; look: EdgeLook; lane: number; onPick?: (() => void) | undefined }, "way">;

/** A way on. One that leads back goes round the nodes at the right, so that loops are seen as loops. */
export const WayEdge = memo(function WayEdge({ sourceX, sourceY, targetX, targetY, data, selected, markerEnd, sourcePosition, targetPosition }: EdgeProps<FlowEdge>) {
  const back = targetY < sourceY + 24;
  const far = targetY - sourceY > NODE_SIZE.height * 2;
  const right = Math.max(sourceX, targetX) + NODE_SIZE.width / 2 + 28 + (data?.lane ?? 0) * 14;
  const [path, middleX, middleY] = getSmoothStepPath({
    sourceX, sourceY, targetX, targetY, sourcePosition, targetPosition, borderRadius: 10,
    // One that passes a layer by turns just above where it leads, not behind what lies between.
    ...(back ? { centerX: right } : far ? { centerY: targetY - 34 } : {}),
  });
  const tone = data?.look.tone;
  const wrong = (data?.look.problems?.length ?? 0) > 0;
  const colour = wrong ? "var(--bad)" : tone ? EDGE_TONES[tone] : selected ? "var(--accent)" : "var(--edge)";
  // Near where it begins: there it is clear which of several ways it is.
  const [x, y] = back ? [right, (sourceY + targetY) / 2] : Math.abs(sourceX - targetX) < 8 ? [middleX, middleY] : [targetX + (sourceX - targetX) * 0.18, middleY];
  return (
    <>
      <BaseEdge
        path={path}
        {...(markerEnd ? { markerEnd } : {})}
        interactionWidth={18}
        style={{ stroke: colour, strokeWidth: selected || tone === "taken" ? 2.5 : undefined, strokeDasharray: tone === "removed" ? "5 4" : undefined }}
      />
      {data?.text && (
        <EdgeLabelRenderer>
          <span
            onClick={data.onPick}
            title={data.look.problems?.join("\n") ?? data.text}
            className={cx(
              "nodrag nopan absolute max-w-44 cursor-pointer truncate rounded-sm border bg-raised px-1.5 text-2xs",
              wrong ? "border-bad text-bad" : selected || tone === "taken" ? "border-accent text-accent-strong" : "border-line text-muted",
            )}
            style={{ transform: `translate(-50%, -50%) translate(${x}px, ${y}px)`, pointerEvents: data.onPick ? "all" : "none" }}
          >
            {data.text}
          </span>
        </EdgeLabelRenderer>
      )}
    </>
  );
});
