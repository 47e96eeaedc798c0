import { NODE_SIZE, type Position } from "./model";

const { width, height } = NODE_SIZE;
/** Room between a way and the nodes that it passes. */
const GAP = 22;

/** Whether a vertical line at `x`, between two heights, runs into a node. */
const blocked = (x: number, top: number, bottom: number, nodes: readonly Position[]) =>
  nodes.some((node) => x > node.x - GAP / 2 && x < node.x + width + GAP / 2 && node.y < bottom && node.y + height > top);

/**
 * Where a way that passes other nodes runs up or down: straight below its beginning or above its end where that is free, else beside
 * what is in the way. `from` and `to` are where nodes stand; `others` are all but these two.
 */
export function laneOf(from: Position, to: Position, others: readonly Position[]): number {
  const [start, end] = [from.x + width / 2, to.x + width / 2];
  const back = to.y < from.y + height;
  const [top, bottom] = back ? [to.y - GAP, from.y + height + GAP] : [from.y + height + 4, to.y - 4];
  const nodes = back ? [...others, from, to] : others;
  const sides = nodes.flatMap((node) => [node.x + width + GAP, node.x - GAP]);
  const middle = (start + end) / 2;
  // A loop goes round at the right, where loops are looked for.
  const outer = Math.max(from.x, to.x) + width + GAP;
  const candidates = back
    ? [outer, ...sides.filter((x) => x >= outer).sort((a, b) => a - b)]
    : [start, end, ...sides.sort((a, b) => Math.abs(a - middle) - Math.abs(b - middle))];
  return candidates.find((x) => !blocked(x, top, bottom, nodes)) ?? (back ? outer : end);
}

/** A way of straight lines with round corners, as the path of an SVG. */
export function rounded(points: readonly Position[], radius = 10): string {
  const kept = points.filter((point, index) => index === 0 || point.x !== points[index - 1]?.x || point.y !== points[index - 1]?.y);
  return kept.map((point, index) => {
    const [before, after] = [kept[index - 1], kept[index + 1]];
    if (!before) return `M${point.x},${point.y}`;
    if (!after) return `L${point.x},${point.y}`;
    const near = (other: Position) => {
      const length = Math.hypot(other.x - point.x, other.y - point.y);
      const share = Math.min(radius, length / 2) / length;
      return { x: point.x + (other.x - point.x) * share, y: point.y + (other.y - point.y) * share };
    };
    const [enter, leave] = [near(before), near(after)];
    return `L${enter.x},${enter.y}Q${point.x},${point.y} ${leave.x},${leave.y}`;
  }).join("");
}
