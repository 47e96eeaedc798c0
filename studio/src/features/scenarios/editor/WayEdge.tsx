import { BaseEdge, type Edge, EdgeLabelRenderer, type EdgeProps, getSmoothStepPath } from "@xyflow/react";
import { memo } from "react";
import { cx } from "@/lib/cx";
import type { Position } from "../graph/model";
import { rounded } from "../graph/route";
import { EDGE_TONES, type EdgeLook } from "./look";

/** An edge of the canvas; `text` is when it is taken, `lane` where it runs up or down if it passes other nodes or leads back. */
export type FlowEdge = Edge<{ text: string; look: EdgeLook; lane: number | null; onPick?: (() => void) | undefined }, "way">;

/** How far a way goes straight before it turns. */
const STEM = 24;

/** A way on. One that leads back goes round the nodes at the right, so that loops are seen as loops. */
export const WayEdge = memo(function WayEdge({ sourceX, sourceY, targetX, targetY, data, selected, markerEnd, sourcePosition, targetPosition }: EdgeProps<FlowEdge>) {
  const [path, label] = pathOf({ x: sourceX, y: sourceY }, { x: targetX, y: targetY }, data?.lane ?? null, () =>
    getSmoothStepPath({ sourceX, sourceY, targetX, targetY, sourcePosition, targetPosition, borderRadius: 10 }));
  const tone = data?.look.tone;
  const wrong = (data?.look.problems?.length ?? 0) > 0;
  const colour = wrong ? "var(--bad)" : tone ? EDGE_TONES[tone] : selected ? "var(--accent)" : "var(--edge)";
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
            style={{ transform: `translate(-50%, -50%) translate(${label.x}px, ${label.y}px)`, pointerEvents: data.onPick ? "all" : "none" }}
          >
            {data.text}
          </span>
        </EdgeLabelRenderer>
      )}
    </>
  );
});

/** The path, and where its words stand: near its end, where it is clear which of several ways it is. */
function pathOf(from: Position, to: Position, lane: number | null, straight: () => [string, number, number, number, number]): [string, Position] {
  if (lane === null) {
    const [path, x, y] = straight();
    return [path, Math.abs(from.x - to.x) < 8 ? { x, y } : { x: to.x + (from.x - to.x) * 0.18, y }];
  }
  const [low, high] = [from.y + STEM, to.y - STEM];
  const points = [from, { x: from.x, y: low }, { x: lane, y: low }, { x: lane, y: high }, { x: to.x, y: high }, to];
  const back = to.y < from.y;
  return [rounded(points), back ? { x: lane, y: (low + high) / 2 } : { x: lane + (to.x - lane) * 0.5, y: high }];
}
