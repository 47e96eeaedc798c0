import { readFileSync, writeFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";

/** A promise, and what became of it. The figure is to be below `below`; none where it could not be measured. */
export interface Target {
  what: string;
  measured: number | null;
  below: number;
  unit: string;
}

/** A table of figures. */
export interface Section {
  title: string;
  columns: string[];
  rows: string[][];
  notes: string[];
}

const sections: Section[] = [];
const targets: Target[] = [];
const busyBefore = loadavg()[0] ?? 0;

/** One more table. It is printed at once: a bench that breaks off later has said what it found. */
export function section(title: string, columns: string[], rows: string[][], notes: string[] = []): void {
  sections.push({ title, columns, rows, notes });
  console.log(`\n${written({ title, columns, rows, notes })}`);
}

/** The figure should be below `below`. */
export const target = (what: string, measured: number | null, below: number, unit: string): void => {
  targets.push({ what, measured, below, unit });
};

/** All targets in a table, and everything as JSON where `ASSAY_BENCH_JSON` says. Tells how many are missed. */
export function finish(browser: string): number {
  const machine = `${cpus().length} x ${cpus()[0]?.model.trim() ?? "?"}, ${browser}, Node.js ${process.version}; load ${busyBefore.toFixed(1)} before, ${(loadavg()[0] ?? 0).toFixed(1)} after`;
  const rows = targets.map(({ what, measured, below, unit }) => [what, measured === null ? "–" : `${figure(measured)}${unit}`, `< ${below}${unit}`, verdict(measured, below)]);
  const judged = `${table(["target", "measured", "wanted", "verdict"], rows)}\n`;
  console.log(`\nTargets\n\n${judged}\n${machine}`);
  const file = process.env.ASSAY_BENCH_JSON;
  if (file) writeFileSync(file, JSON.stringify({ machine, sections, targets }, null, 2));
  if (process.env.ASSAY_BENCH_DOCS) document(`Measured on ${machine}.\n\n${judged}\n${sections.map(written).join("\n")}`);
  return targets.filter(({ measured, below }) => measured === null || measured >= below).length;
}

const DOCS = new URL("../../docs/performance.md", import.meta.url);
const [BEGIN, END] = ["<!-- studio/bench writes from here -->", "<!-- to here -->"];

/** Puts the figures into the document, in place of those of the run before. */
function document(text: string): void {
  const before = readFileSync(DOCS, "utf8");
  const [from, to] = [before.indexOf(BEGIN), before.indexOf(END)];
  if (from < 0 || to < from) throw new Error(`docs/performance.md has no place for figures: ${BEGIN}`);
  writeFileSync(DOCS, `${before.slice(0, from)}${BEGIN}\n\n${text}\n${before.slice(to)}`);
}

const written = ({ title, columns, rows, notes }: Section) => `**${title}**\n\n${table(columns, rows)}\n${notes.map((note) => `\n- ${note}`).join("")}\n`;

const verdict = (measured: number | null, below: number) => (measured === null ? "not measured" : measured < below ? "met" : "**missed**");

/** The middle one. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const high = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? high : ((sorted[middle - 1] ?? Number.NaN) + high) / 2;
}

/** With as many digits as mean something. */
export const figure = (value: number): string =>
  !Number.isFinite(value) ? "–" : Math.abs(value) >= 100 || Number.isInteger(value) ? value.toFixed(0) : value.toFixed(1);

const table = (columns: readonly string[], rows: readonly string[][]): string =>
  [columns, columns.map((_, at) => (at === 0 ? "---" : "---:")), ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");
