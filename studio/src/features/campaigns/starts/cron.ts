import { Cron } from "croner";
import { locale, translate } from "@/i18n";
import { cronTexts } from "./cron-i18n";

const t = translate(cronTexts);

/** The time zone of whoever looks. */
export const HERE = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** Names of time zones, UTC first; those that are here besides what the browser lists. */
export const zones = (...also: string[]): string[] => [...new Set(["UTC", ...also, ...Intl.supportedValuesOf("timeZone")])];

/** The next times that a schedule names by the clocks of a time zone, as the server reads it; none for what is no schedule. */
export function nextTimes(cron: string, zone: string, count: number, after: Date = new Date()): Date[] {
  try {
    return new Cron(cron.trim(), { timezone: zone, mode: "5-part" }).nextRuns(count, after);
  } catch {
    return [];
  }
}

type Field = { type: "any" } | { type: "every"; n: number } | { type: "values"; values: number[] };

const NAMES = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];
const MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];

/** A field of plain steps, values, lists and ranges; null for whatever else cron has. */
function fieldOf(text: string, names: readonly string[] = [], offset = 0): Field | null {
  if (text === "*") return { type: "any" };
  const every = /^\*\/(\d+)$/.exec(text);
  if (every) return { type: "every", n: Number(every[1]) };
  const value = (word: string) => (/^\d+$/.test(word) ? Number(word) : names.indexOf(word.toUpperCase()) + offset);
  const values: number[] = [];
  for (const part of text.split(",")) {
    const range = /^([A-Za-z0-9]+)(?:-([A-Za-z0-9]+))?$/.exec(part);
    const from = value(range?.[1] ?? "");
    const to = range?.[2] ? value(range[2]) : from;
    if (!range || from < 0 || to < from || to - from > 60 || (/\D/.test(range[1] ?? "") && from < offset)) return null;
    for (let at = from; at <= to; at += 1) values.push(at);
  }
  return { type: "values", values };
}

const pad = (value: number) => String(value).padStart(2, "0");
const listed = (words: readonly string[]) => new Intl.ListFormat(locale(), { type: "conjunction" }).format(words);
const named = (options: Intl.DateTimeFormatOptions, instant: number) => new Intl.DateTimeFormat(locale(), { ...options, timeZone: "UTC" }).format(instant);
// 4 January 1970 was a Sunday.
const weekday = (day: number) => named({ weekday: "long" }, Date.UTC(1970, 0, 4 + (day % 7)));
const month = (value: number) => named({ month: "long" }, Date.UTC(1970, value - 1, 1));

/** A schedule in words; null for one that is easier told by its next times. */
export function inWords(cron: string, zone: string): string | null {
  if (nextTimes(cron, zone, 1).length === 0) return null;
  const [minute, hour, day, months, days] = cron.trim().split(/\s+/).map((text, at) => fieldOf(text, at === 4 ? NAMES : at === 3 ? MONTHS : [], at === 3 ? 1 : 0));
  if (!minute || !hour || !day || !months || !days) return null;
  // With both a day of the month and a weekday, cron takes either: that is hard to say shortly.
  if (day.type === "every" || months.type === "every" || days.type === "every" || (day.type === "values" && days.type === "values")) return null;

  const times = timesOf(minute, hour);
  if (!times) return null;
  let when = "";
  if (days.type === "values") {
    const set = [...new Set(days.values.map((one) => one % 7))].sort();
    when = set.join() === "1,2,3,4,5" ? t("workdays") : set.join() === "0,6" ? t("weekends") : t("onDays", { days: listed(set.map(weekday)) });
  } else if (day.type === "values") when = t("onDates", { days: listed(day.values.map(String)) });
  else if (hour.type === "values") when = t("daily");
  const within = months.type === "values" ? t("inMonths", { months: listed(months.values.map(month)) }) : "";
  const sentence = [times, when, within].filter(Boolean).join(", ");
  return `${sentence} (${zone}).`;
}

function timesOf(minute: Field, hour: Field): string | null {
  if (hour.type === "any") {
    if (minute.type === "any") return t("everyMinute");
    if (minute.type === "every") return minute.n === 1 ? t("everyMinute") : 60 % minute.n === 0 ? t("everyMinutes", { n: minute.n }) : null;
    return t("everyHour", { minutes: listed(minute.values.map(pad)) });
  }
  if (minute.type !== "values") return null;
  if (hour.type === "every") return 24 % hour.n === 0 ? t("everyHours", { n: hour.n, minutes: listed(minute.values.map(pad)) }) : null;
  const times = hour.values.flatMap((h) => minute.values.map((m) => `${pad(h)}:${pad(m)}`));
  return times.length > 6 ? null : t("at", { times: listed(times) });
}
