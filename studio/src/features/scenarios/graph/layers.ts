import { type Graph, NODE_SIZE, type Position } from "./model";

/** Larger graphs are laid out here when they are opened; the library takes more than half a second of the page for 200 nodes. */
export const LARGE_GRAPH = 48;

const STEP = { x: NODE_SIZE.width + 48, y: NODE_SIZE.height + 64 };
const SWEEPS = 4;

/**
 * Places for all nodes in a few milliseconds: layers from above to below by the longest way, within a layer in the order in which few
 * ways cross, each node in the middle of those it hangs on. Ways that lead back do not count.
 */
export function layered(graph: Graph): Record<string, Position> {
  const { below, above, order } = forward(graph);
  const layer = new Map<string, number>();
  for (const id of order) layer.set(id, Math.max(0, ...(above.get(id) ?? []).map((one) => (layer.get(one) ?? -1) + 1)));
  const layers: string[][] = [];
  for (const id of order) (layers[layer.get(id) ?? 0] ??= []).push(id);
  const place = new Map<string, number>();
  const number = () => { for (const ids of layers) for (const [at, id] of ids.entries()) place.set(id, at - (ids.length - 1) / 2); };
  number();
  for (let sweep = 0; sweep < SWEEPS; sweep += 1) {
    const down = sweep % 2 === 0;
    for (const ids of down ? layers : layers.toReversed()) {
      const wanted = new Map(ids.map((id) => [id, mean((down ? above : below).get(id), place) ?? place.get(id) ?? 0]));
      ids.sort((a, b) => (wanted.get(a) ?? 0) - (wanted.get(b) ?? 0));
    }
    number();
  }
  // The middle of what is above; then, below, the middle of what hangs on it.
  for (const [lines, near] of [[layers, above], [layers.toReversed(), below], [layers, above]] as const) {
    for (const ids of lines) spread(ids, ids.map((id) => mean(near.get(id), place) ?? place.get(id) ?? 0), place);
  }
  const left = Math.min(0, ...place.values());
  return Object.fromEntries(order.map((id) => [id, { x: Math.round(((place.get(id) ?? 0) - left) * STEP.x), y: (layer.get(id) ?? 0) * STEP.y }]));
}

/** Who leads to whom without what leads back, and all nodes so that each stands behind those that lead to it. */
function forward(graph: Graph) {
  const ways = new Map<string, string[]>(graph.nodes.map(({ id }) => [id, []]));
  for (const { from, to } of graph.edges) if (from !== to && ways.has(to)) ways.get(from)?.push(to);
  const [below, above] = [new Map<string, string[]>(), new Map<string, string[]>()];
  const state = new Map<string, "open" | "done">();
  const done: string[] = [];
  const starts = [graph.start, ...graph.nodes.map(({ id }) => id)].filter((id) => ways.has(id));
  for (const start of starts) {
    if (state.has(start)) continue;
    // A stack of its own: a chain of 200 nodes is no reason to go 200 calls deep.
    const stack = [{ id: start, next: 0 }];
    state.set(start, "open");
    for (let top = stack.at(-1); top; top = stack.at(-1)) {
      // From the last way to the first: read backwards, the first is before the others.
      const to = ways.get(top.id)?.at(-1 - top.next);
      top.next += 1;
      if (to === undefined) {
        state.set(top.id, "done");
        done.push(top.id);
        stack.pop();
      } else if (state.get(to) !== "open") {
        push(below, top.id, to);
        push(above, to, top.id);
        if (!state.has(to)) {
          state.set(to, "open");
          stack.push({ id: to, next: 0 });
        }
      }
    }
  }
  return { below, above, order: done.reverse() };
}

function push(map: Map<string, string[]>, key: string, value: string): void {
  const all = map.get(key);
  if (all) all.push(value);
  else map.set(key, [value]);
}

function mean(ids: readonly string[] | undefined, place: ReadonlyMap<string, number>): number | null {
  if (!ids || ids.length === 0) return null;
  return ids.reduce((sum, id) => sum + (place.get(id) ?? 0), 0) / ids.length;
}

/** Puts nodes of a layer where they want to be, in their order and no nearer than one step; a group that is pushed apart stays in its middle. */
function spread(ids: readonly string[], wanted: readonly number[], place: Map<string, number>): void {
  const groups: { first: number; count: number; at: number }[] = [];
  for (const [index, want] of wanted.entries()) {
    let group = { first: index, count: 1, at: want };
    for (let before = groups.at(-1); before && before.at + before.count > group.at; before = groups.at(-1)) {
      // Each of both would begin the group at a place; it begins at their mean, weighed by how many they are.
      const count = before.count + group.count;
      group = { first: before.first, count, at: (before.at * before.count + (group.at - before.count) * group.count) / count };
      groups.pop();
    }
    groups.push(group);
  }
  for (const { first, count, at } of groups) for (let n = 0; n < count; n += 1) place.set(ids[first + n] ?? "", at + n);
}
