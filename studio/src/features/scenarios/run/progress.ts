import { outer } from "../graph/path";

/** An event of a run, as far as the builder looks at it. */
export interface RunEvent {
  event: string;
  id: string;
  at?: string | null;
  node?: string;
  task?: string;
  [field: string]: unknown;
}

/** What is known of a node of a run. */
export interface NodeProgress {
  visits: number;
  /** Tasks that are under way. */
  running: ReadonlySet<string>;
  waiting: boolean;
  failed: boolean;
  /** Time of its calls, in milliseconds; null where nothing was measured. */
  ms: number | null;
}

/** One visit of a node, with what happened in it. */
export interface Visit {
  task: string;
  node: string;
  at: string | null;
  ms: number | null;
  state: "running" | "waiting" | "done" | "failed";
  lines: readonly Line[];
}

/** Something that happened in a visit. */
export interface Line {
  what: string;
  text: string;
}

/** What the events of a run come to. */
export interface Progress {
  nodes: ReadonlyMap<string, NodeProgress>;
  visits: readonly Visit[];
  /** The nodes in the order of their visits. */
  path: readonly string[];
  /** What an agent that streams has said so far, by task. */
  said: ReadonlyMap<string, string>;
  ended: boolean;
}

/** A run of which nothing is known yet. */
export const NO_PROGRESS: Progress = { nodes: new Map(), visits: [], path: [], said: new Map(), ended: false };

const NO_NODE: NodeProgress = { visits: 0, running: new Set(), waiting: false, failed: false, ms: null };

/** Takes one more event in. Events come once and in order; those of unknown kinds change nothing. */
export function proceed(progress: Progress, event: RunEvent): Progress {
  if (event.event === "run_finished" || event.event === "end") return { ...progress, ended: true, nodes: stopped(progress.nodes) };
  const { node: name, task } = event;
  if (!name || !task) return progress;
  const node = outer(name);
  const now = progress.nodes.get(node) ?? NO_NODE;
  const put = (next: NodeProgress) => new Map(progress.nodes).set(node, next);
  const visit = (change: (visit: Visit) => Visit) => progress.visits.map((one) => (one.task === task ? change(one) : one));
  const line = (what: string, text: unknown) => visit((one) => ({ ...one, lines: [...one.lines, { what, text: typeof text === "string" ? text : JSON.stringify(text) ?? "" }] }));
  switch (event.event) {
    case "node_started": {
      if (progress.visits.some((one) => one.task === task)) return progress;
      const first: Visit = { task, node: name, at: event.at ?? null, ms: null, state: "running", lines: [] };
      return {
        ...progress,
        nodes: put({ ...now, visits: name === node ? now.visits + 1 : Math.max(now.visits, 1), running: new Set([...now.running, task]), failed: false }),
        visits: [...progress.visits, first],
        path: [...progress.path, name],
      };
    }
    case "node_finished": {
      const took = typeof event.duration_ms === "number" ? event.duration_ms : null;
      const ms = took === null ? now.ms : (now.ms ?? 0) + took;
      return {
        ...progress,
        nodes: put({ ...now, running: without(now.running, task), waiting: false, ms }),
        visits: visit((one) => ({ ...one, ms: took, state: "done" })),
        said: forget(progress.said, task),
      };
    }
    case "node_failed":
      return {
        ...progress,
        nodes: put({ ...now, running: without(now.running, task), failed: true }),
        visits: line("failed", event.message).map((one) => (one.task === task ? { ...one, state: "failed" as const } : one)),
        said: forget(progress.said, task),
      };
    case "node_retried": return { ...progress, visits: line("retried", event.message), said: forget(progress.said, task) };
    case "waiting":
      return { ...progress, nodes: put({ ...now, waiting: true }), visits: line("asks", event.text ?? event.kind).map((one) => (one.task === task ? { ...one, state: "waiting" as const } : one)) };
    case "answered":
      return { ...progress, nodes: put({ ...now, waiting: false }), visits: line("answered", event.answer).map((one) => (one.task === task ? { ...one, state: "running" as const } : one)) };
    case "user_said": return { ...progress, visits: line("user", event.text) };
    case "agent_answered": return { ...progress, visits: line("agent", event.text), said: forget(progress.said, task) };
    case "tool_called": return { ...progress, visits: line("tool", `${String(event.tool)} ${JSON.stringify(event.arguments ?? {})}`) };
    case "decided": return { ...progress, visits: line("decided", `→ ${String(event.to)}`) };
    case "scored": return { ...progress, visits: line("scored", `${String(event.name)}: ${String(event.status)}${event.reason ? `. ${String(event.reason)}` : ""}`) };
    case "token": {
      const before = [...(progress.said.get(task) ?? "")].slice(0, Number(event.offset)).join("");
      return { ...progress, said: new Map(progress.said).set(task, before + String(event.text)) };
    }
    default: return progress;
  }
}

const without = (set: ReadonlySet<string>, one: string) => new Set([...set].filter((each) => each !== one));
const forget = (said: ReadonlyMap<string, string>, task: string) => {
  if (!said.has(task)) return said;
  const next = new Map(said);
  next.delete(task);
  return next;
};
const stopped = (nodes: Progress["nodes"]) => new Map([...nodes].map(([id, node]) => [id, { ...node, running: new Set<string>(), waiting: false }]));
