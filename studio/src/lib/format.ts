import { locale } from "@/i18n/language";

/** What stands where there is no value: an error is no zero. */
export const NOTHING = "–";

/** Makers of formatters are slow, so each is made once a locale. */
const cache = new Map<string, Intl.NumberFormat | Intl.DateTimeFormat | Intl.RelativeTimeFormat>();
function made<T extends Intl.NumberFormat | Intl.DateTimeFormat | Intl.RelativeTimeFormat>(key: string, make: (tag: string) => T): T {
  const name = `${locale()} ${key}`;
  let found = cache.get(name);
  if (!found) {
    found = make(locale());
    cache.set(name, found);
  }
  return found as T;
}

const decimal = (least: number, most: number) =>
  made(`n${least}.${most}`, (tag) => new Intl.NumberFormat(tag, { minimumFractionDigits: least, maximumFractionDigits: most }));

/** A whole or broken number, with separators. */
export const number = (value: number | null | undefined, digits = 0) =>
  value == null || !Number.isFinite(value) ? NOTHING : decimal(0, digits).format(value);

/** A large number in three digits or so: 12.3K. */
export const compact = (value: number | null | undefined) =>
  value == null || !Number.isFinite(value)
    ? NOTHING
    : made("compact", (tag) => new Intl.NumberFormat(tag, { notation: "compact", maximumFractionDigits: 1 })).format(value);

/** A share of one as percent. */
export const percent = (value: number | null | undefined, digits = 0) =>
  value == null || !Number.isFinite(value)
    ? NOTHING
    : made(`p${digits}`, (tag) => new Intl.NumberFormat(tag, { style: "percent", maximumFractionDigits: digits })).format(value);

/** A score from 0 to 1, always with two decimals so that columns line up. */
export const score = (value: number | null | undefined) =>
  value == null || !Number.isFinite(value) ? NOTHING : decimal(2, 2).format(value);

/** US dollars; small amounts with as many digits as say something. */
export function cost(usd: number | null | undefined): string {
  if (usd == null || !Number.isFinite(usd)) return NOTHING;
  const size = Math.abs(usd);
  const digits = size === 0 || size >= 1 ? 2 : size >= 0.01 ? 3 : 6;
  return made(`usd${digits}`, (tag) =>
    new Intl.NumberFormat(tag, { style: "currency", currency: "USD", minimumFractionDigits: 2, maximumFractionDigits: digits })).format(usd);
}

/** Tokens, short. */
export const tokens = compact;

/** A span of time given in milliseconds: 340 ms, 2.1 s, 3 min 20 s, 2 h 5 min. */
export function duration(ms: number | null | undefined): string {
  if (ms == null || !Number.isFinite(ms)) return NOTHING;
  if (ms < 1) return ms <= 0 ? "0 ms" : `${decimal(0, 2).format(ms)} ms`;
  if (ms < 1000) return `${decimal(0, 0).format(ms)} ms`;
  if (ms < 59_950) return `${decimal(0, ms < 9_950 ? 2 : 1).format(ms / 1000)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return join(Math.floor(seconds / 60), "min", seconds % 60, "s");
  const minutes = Math.round(seconds / 60);
  return join(Math.floor(minutes / 60), "h", minutes % 60, "min");
}

const join = (large: number, unit: string, small: number, smallUnit: string) =>
  small === 0 ? `${large} ${unit}` : `${large} ${unit} ${small} ${smallUnit}`;

/** An instant as a date and time of this place. */
export const dateTime = (instant: string | number | Date | null | undefined) =>
  formatDate(instant, "dt", { dateStyle: "medium", timeStyle: "short" });

/** An instant as a date. */
export const date = (instant: string | number | Date | null | undefined) => formatDate(instant, "d", { dateStyle: "medium" });

/** The label of an axis of time: days, or hours and minutes where the steps are shorter. */
export const tick = (instant: number, stepMs: number) =>
  stepMs >= 86_400_000
    ? formatDate(instant, "td", { day: "numeric", month: "short" })
    : formatDate(instant, "th", { hour: "2-digit", minute: "2-digit" });

/** An instant to the millisecond, for tooltips and traces. */
export const exactTime = (instant: string | number | Date | null | undefined) =>
  formatDate(instant, "x", {
    year: "numeric", month: "short", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit",
    fractionalSecondDigits: 3,
  });

function formatDate(instant: string | number | Date | null | undefined, key: string, options: Intl.DateTimeFormatOptions): string {
  if (instant == null) return NOTHING;
  const when = new Date(instant);
  if (Number.isNaN(when.getTime())) return NOTHING;
  return made(key, (tag) => new Intl.DateTimeFormat(tag, options)).format(when);
}

const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
  ["year", 31_536_000], ["month", 2_592_000], ["week", 604_800], ["day", 86_400], ["hour", 3600], ["minute", 60], ["second", 1],
];

/** How long ago an instant was: 3 minutes ago. */
export function ago(instant: string | number | Date | null | undefined, now: number = Date.now()): string {
  if (instant == null) return NOTHING;
  const seconds = Math.round((new Date(instant).getTime() - now) / 1000);
  if (Number.isNaN(seconds)) return NOTHING;
  const [unit, size] = STEPS.find(([, size]) => Math.abs(seconds) >= size) ?? ["second", 1];
  return made("ago", (tag) => new Intl.RelativeTimeFormat(tag, { numeric: "auto" })).format(Math.trunc(seconds / size), unit);
}

/** Bytes as KB, MB or GB of 1024. */
export function bytes(size: number | null | undefined): string {
  if (size == null || !Number.isFinite(size)) return NOTHING;
  const units = ["B", "KB", "MB", "GB", "TB"];
  let value = size;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${decimal(0, value < 10 && unit > 0 ? 1 : 0).format(value)} ${units[unit]}`;
}
