/** How a node stands out: by a version's changes, by a path, by what a run is doing. */
export type NodeTone = "added" | "removed" | "changed" | "visited" | "running" | "waiting" | "failed" | "faint";

/** What the canvas shows of a node besides what it does. */
export interface NodeLook {
  tone?: NodeTone | undefined;
  /** A few words at its corner: visits, times. */
  badge?: string | undefined;
  /** What the server finds wrong. */
  problems?: readonly string[] | undefined;
}

/** What the canvas shows of an edge. */
export interface EdgeLook {
  tone?: "added" | "removed" | "changed" | "taken" | "faint" | undefined;
  problems?: readonly string[] | undefined;
}

/** Borders and grounds of nodes. Each tone has words or a sign beside its colour. */
export const NODE_TONES: Record<NodeTone, string> = {
  added: "border-good bg-good-soft",
  removed: "border-bad border-dashed bg-bad-soft",
  changed: "border-warn bg-warn-soft",
  visited: "border-accent bg-accent-soft",
  running: "border-accent bg-accent-soft flow-pulse",
  waiting: "border-warn bg-warn-soft flow-pulse",
  failed: "border-bad bg-bad-soft",
  faint: "border-line bg-surface",
};

/** Lines of edges. */
export const EDGE_TONES: Record<NonNullable<EdgeLook["tone"]>, string> = {
  added: "var(--good)",
  removed: "var(--bad)",
  changed: "var(--warn)",
  taken: "var(--accent)",
  faint: "var(--line)",
};
