import type { Schemas } from "@/api/client";

/** An observation in a tree, without what went in and came out. */
export type TreeNode = Schemas["TreeNode"];

/** Which of the nodes are shown, by their places. Nodes stand in reading order, each before its children. */
export function visible(nodes: readonly TreeNode[], folded: ReadonlySet<string>, kept: ReadonlySet<number> | null): number[] {
  const shown: number[] = [];
  for (let at = 0; at < nodes.length; at += 1) {
    const node = nodes[at] as TreeNode;
    if (kept && !kept.has(at)) continue;
    shown.push(at);
    // Who searches sees what was found, folded or not.
    if (!kept && folded.has(node.id)) at += node.descendants;
  }
  return shown;
}

/** The places of what matches and of all that it lies in; and what matches alone. */
export function matching(nodes: readonly TreeNode[], matches: (node: TreeNode) => boolean): { kept: ReadonlySet<number>; hits: ReadonlySet<string> } {
  const kept = new Set<number>();
  const hits = new Set<string>();
  const above: number[] = [];
  nodes.forEach((node, at) => {
    above.length = Math.min(above.length, node.depth);
    above[node.depth] = at;
    if (!matches(node)) return;
    hits.add(node.id);
    for (const place of above) kept.add(place);
  });
  return { kept, hits };
}

/** What a search in the tree looks at. */
export const matcher = (query: string, level: string) => {
  const words = query.trim().toLowerCase();
  return (node: TreeNode) =>
    (level === "" || (level === "error" ? node.level === "ERROR" : node.level === "ERROR" || node.level === "WARNING"))
    && (words === "" || [node.name, node.type, node.model, node.status_message, node.id].some((text) => text?.toLowerCase().includes(words)));
};

/** From when to when, in milliseconds since 1970. */
export interface Bounds {
  start: number;
  end: number;
}

/** The first start and the last end. */
export function boundsOf(nodes: readonly TreeNode[]): Bounds {
  let start = Infinity;
  let end = -Infinity;
  for (const node of nodes) {
    const from = Date.parse(node.start_time);
    start = Math.min(start, from);
    end = Math.max(end, node.end_time ? Date.parse(node.end_time) : from);
  }
  return start === Infinity ? { start: 0, end: 1 } : { start, end: Math.max(end, start + 1) };
}

/** Where the bar of a node lies, in shares of the whole; what goes on reaches to the end. */
export function barOf(node: TreeNode, { start, end }: Bounds): { left: number; width: number } {
  const whole = end - start;
  const from = Date.parse(node.start_time);
  const to = node.end_time ? Date.parse(node.end_time) : node.type === "EVENT" ? from : end;
  const left = Math.min(1, Math.max(0, (from - start) / whole));
  return { left, width: Math.max(0, Math.min(1 - left, (to - from) / whole)) };
}

/** Round steps for an axis of so many milliseconds, five or so. */
export function ticks(length: number, wanted = 5): number[] {
  const rough = length / wanted;
  const size = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5].find((one) => one * size >= rough) ?? 10) * size;
  return Array.from({ length: Math.floor(length / step) + 1 }, (_, at) => at * step);
}

/** How long a node took, in milliseconds; null while it goes on. */
export const took = (node: Pick<TreeNode, "start_time" | "end_time">) =>
  node.end_time ? Math.max(0, Date.parse(node.end_time) - Date.parse(node.start_time)) : null;

/** A tree of observations that come as a list, as a public link has them. */
export function treeOf(list: readonly (Omit<TreeNode, "children" | "depth" | "descendants" | "input_tokens" | "output_tokens"> & { usage?: { input: number; output: number } | null })[]): TreeNode[] {
  const ids = new Set(list.map((one) => one.id));
  const below = new Map<string | null, typeof list[number][]>();
  for (const one of [...list].sort((a, b) => a.start_time.localeCompare(b.start_time))) {
    const parent = one.parent_id && ids.has(one.parent_id) && one.parent_id !== one.id ? one.parent_id : null;
    const beside = below.get(parent);
    if (beside) beside.push(one);
    else below.set(parent, [one]);
  }
  const nodes: TreeNode[] = [];
  const walk = (parent: string | null, depth: number) => {
    for (const one of below.get(parent) ?? []) {
      const node: TreeNode = {
        ...one, depth, children: below.get(one.id)?.length ?? 0, descendants: 0,
        input_tokens: one.usage?.input ?? null, output_tokens: one.usage?.output ?? null,
      };
      const place = nodes.push(node);
      walk(one.id, depth + 1);
      node.descendants = nodes.length - place;
    }
  };
  walk(null, 0);
  return nodes;
}
