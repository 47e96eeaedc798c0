import type { Outcome } from "../data";

/** What runs of one item by one agent came to in one metric. */
export interface Cell {
  sum: number;
  scored: number;
  passed: number;
  failed: number;
  error: number;
  skipped: number;
  pending: number;
  queued: number;
  runs: string[];
}

/** A column: an agent in a version, and a metric, or whole runs where that is null. */
export interface MatrixColumn {
  key: string;
  agent: string | null;
  version: number | null;
  metric: string | null;
}

/** A row: an item, by one persona. */
export interface MatrixRow {
  key: string;
  item: string;
  persona: string | null;
  cells: Map<string, Cell>;
}

/** What a cell says at a glance. */
export type CellState = "passed" | "failed" | "error" | "pending" | "queued" | "skipped";

const empty = (): Cell => ({ sum: 0, scored: 0, passed: 0, failed: 0, error: 0, skipped: 0, pending: 0, queued: 0, runs: [] });

/** Items in the campaign's order, by agents and their metrics in the order in which they are met. Runs are added as they are read. */
export class MatrixBuilder {
  readonly #rows = new Map<string, MatrixRow>();
  readonly #arms = new Map<string, { agent: string | null; version: number | null; metrics: Map<string, string> }>();

  add(run: Outcome): void {
    const arm = `${run.agent_id ?? ""}@${run.agent_version ?? ""}`;
    let known = this.#arms.get(arm);
    if (!known) this.#arms.set(arm, (known = { agent: run.agent_id ?? null, version: run.agent_version ?? null, metrics: new Map() }));
    const key = `${run.item_key} ${run.persona_id ?? ""}`;
    let row = this.#rows.get(key);
    if (!row) this.#rows.set(key, (row = { key, item: run.item_key, persona: run.persona_id ?? null, cells: new Map() }));
    const whole = cellAt(row, arm);
    whole.runs.push(run.run_id);
    if (run.status === "passed") whole.passed += 1;
    else if (run.status === "failed") whole.failed += 1;
    else if (run.status === "error") whole.error += 1;
    else if (run.status === "cancelled") whole.skipped += 1;
    else if (run.status === "queued") whole.queued += 1;
    else whole.pending += 1;
    for (const score of run.scores) {
      // Texts that are put together once a metric, not once a cell.
      let column = known.metrics.get(score.name);
      if (column === undefined) known.metrics.set(score.name, (column = columnKey(arm, score.name)));
      const cell = cellAt(row, column);
      cell.runs.push(run.run_id);
      cell[score.status] += 1;
      if (score.score !== null) {
        cell.sum += score.score;
        cell.scored += 1;
      }
    }
  }

  /** What it came to so far. */
  matrix(): { rows: MatrixRow[]; columns: MatrixColumn[] } {
    const columns = [...this.#arms].flatMap(([arm, { agent, version, metrics }]) =>
      [null, ...metrics.keys()].map((metric) => ({ key: columnKey(arm, metric), agent, version, metric })));
    return { rows: [...this.#rows.values()], columns };
  }
}

function cellAt(row: MatrixRow, column: string): Cell {
  let cell = row.cells.get(column);
  if (!cell) row.cells.set(column, (cell = empty()));
  return cell;
}

/** {@link MatrixBuilder} of runs that are all there. */
export function matrixOf(runs: readonly Outcome[]): { rows: MatrixRow[]; columns: MatrixColumn[] } {
  const builder = new MatrixBuilder();
  for (const run of runs) builder.add(run);
  return builder.matrix();
}

const columnKey = (arm: string, metric: string | null) => (metric === null ? arm : `${arm} ${metric}`);

/** The worst of what a cell's runs came to. */
export function stateOf(cell: Cell): CellState {
  if (cell.failed > 0) return "failed";
  if (cell.error > 0) return "error";
  if (cell.pending > 0) return "pending";
  if (cell.queued > 0) return cell.passed > 0 ? "pending" : "queued";
  return cell.passed > 0 ? "passed" : "skipped";
}

/** Whether everything in a row passed. */
export const allPassed = (row: MatrixRow) => [...row.cells.values()].every((cell) => ["passed", "skipped"].includes(stateOf(cell)));
