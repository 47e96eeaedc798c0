import { took, type TreeNode } from "./tree";

/** Steps of one name and type. */
export interface Step {
  key: string;
  name: string;
  type: TreeNode["type"];
  ids: string[];
  failed: number;
  total_ms: number;
  column: number;
  row: number;
}

/** How often one kind of step called another. */
export interface Call {
  from: string;
  to: string;
  count: number;
}

/** As many kinds of steps are drawn; a picture of more says nothing. */
export const MOST_STEPS = 120;

/** Folds a tree into a graph: who calls whom, and how often. Columns are how deep a kind of step was first met. */
export function graphOf(nodes: readonly TreeNode[]): { steps: Step[]; calls: Call[]; cut: boolean } {
  const steps = new Map<string, Step>();
  const calls = new Map<string, Call>();
  const above: (string | undefined)[] = [];
  const rows: number[] = [];
  let cut = false;
  for (const node of nodes) {
    const key = `${node.type} ${node.name}`;
    let step = steps.get(key);
    if (!step && steps.size < MOST_STEPS) {
      const row = rows[node.depth] ?? 0;
      rows[node.depth] = row + 1;
      step = { key, name: node.name, type: node.type, ids: [], failed: 0, total_ms: 0, column: node.depth, row };
      steps.set(key, step);
    }
    above.length = node.depth;
    above[node.depth] = step && key;
    if (!step) {
      cut = true;
      continue;
    }
    step.ids.push(node.id);
    if (node.level === "ERROR") step.failed += 1;
    step.total_ms += took(node) ?? 0;
    const from = node.depth > 0 ? above[node.depth - 1] : undefined;
    if (from === undefined) continue;
    const name = `${from}\n${key}`;
    const call = calls.get(name);
    if (call) call.count += 1;
    else calls.set(name, { from, to: key, count: 1 });
  }
  return { steps: [...steps.values()], calls: [...calls.values()], cut };
}
