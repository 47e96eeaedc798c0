/** Spans of time that end now, by their name in the address; the empty one is all time. */
export const RANGES = ["1h", "24h", "7d", "30d", "90d", ""] as const;
/** One of them, or `custom` where the address has instants of its own. */
export type Range = (typeof RANGES)[number] | "custom";

const HOUR_MS = 3_600_000;
const LENGTHS: Record<string, number> = { "1h": HOUR_MS, "24h": 24 * HOUR_MS, "7d": 168 * HOUR_MS, "30d": 720 * HOUR_MS, "90d": 2160 * HOUR_MS };

/** A span; an end that is absent is open. */
export interface Span {
  from: string | null;
  to: string | null;
}

/** How long a named range is, in milliseconds; null for all time. */
export const lengthOf = (range: string): number | null => LENGTHS[range] ?? null;

/** The span that a range means at an instant. Named ranges begin at a whole minute, so that a question stays the same for a while. */
export function spanOf(range: string, from: string, to: string, now: number): Span {
  if (range === "custom") return { from: instant(from), to: instant(to) };
  const length = lengthOf(range);
  return { from: length === null ? null : new Date(Math.floor(now / 60_000) * 60_000 - length).toISOString(), to: null };
}

/** The span before a span that is as long, for comparisons. */
export function before(span: { from: string; to: string }): { from: string; to: string } {
  const length = Date.parse(span.to) - Date.parse(span.from);
  return { from: new Date(Date.parse(span.from) - length).toISOString(), to: span.from };
}

/** What a field of date and time holds, as an instant; null for what is none. */
export function instant(typed: string): string | null {
  const at = new Date(typed);
  return typed === "" || Number.isNaN(at.getTime()) ? null : at.toISOString();
}

/** An instant as a field of date and time wants it: in the time of this place, without a zone. */
export function typedOf(at: string): string {
  const when = new Date(at);
  if (at === "" || Number.isNaN(when.getTime())) return "";
  const two = (value: number) => String(value).padStart(2, "0");
  return `${when.getFullYear()}-${two(when.getMonth() + 1)}-${two(when.getDate())}T${two(when.getHours())}:${two(when.getMinutes())}`;
}
