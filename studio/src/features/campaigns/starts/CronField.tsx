import { useMemo } from "react";
import { useText } from "@/i18n";
import { locale } from "@/i18n/language";
import { dateTime } from "@/lib/format";
import { Button } from "@/ui/button";
import { Combobox } from "@/ui/combobox";
import { Field } from "@/ui/field";
import { Input } from "@/ui/input";
import { HERE, inWords, nextTimes, zones } from "./cron";
import { startsTexts } from "./i18n";

/** Schedules that many want. */
const USUAL = { hourly: "0 * * * *", nightly: "0 3 * * *", onWorkdays: "0 3 * * 1-5", weekly: "0 3 * * 1" } as const;

const there = (instant: Date, zone: string) => new Intl.DateTimeFormat(locale(), { dateStyle: "medium", timeStyle: "short", timeZone: zone }).format(instant);

/** When: as cron has it, by the clocks of a time zone; in words, and the times that come of it here and there. */
export function CronField({ value, zone, onChange, onZone }: { value: string; zone: string; onChange(cron: string): void; onZone(zone: string): void }) {
  const t = useText(startsTexts);
  const times = useMemo(() => nextTimes(value, zone, 5), [value, zone]);
  const options = useMemo(() => zones(HERE, zone).map((one) => ({ value: one, label: one })), [zone]);
  const words = inWords(value, zone);
  const elsewhere = zone === HERE ? "UTC" : zone;
  return (
    <div className="grid gap-3 sm:grid-cols-[minmax(0,1fr)_minmax(0,1.2fr)]">
      <div className="grid content-start gap-2">
        <Field label={t("cron")} pointer="/cron" required hint={t("cronHint")}><Input className="font-mono" spellCheck={false} value={value} onChange={(event) => onChange(event.target.value)} /></Field>
        <div className="flex flex-wrap gap-1.5">
          {Object.entries(USUAL).map(([name, cron]) => <Button key={name} size="sm" aria-pressed={value.trim() === cron} onClick={() => onChange(cron)}>{t(name as keyof typeof USUAL)}</Button>)}
        </div>
        <Field label={t("zone")} pointer="/time_zone" hint={t("zoneHint")}><Combobox value={zone} onChange={onZone} options={options} placeholder={t("zone")} /></Field>
      </div>
      <div aria-live="polite" className="rounded-md bg-sunken p-3 text-sm">
        {times.length === 0 ? <p className="text-muted">{t("noTimes")}</p> : (
          <>
            {words && <p className="mb-2 font-medium">{words}</p>}
            <table className="w-full text-xs">
              <caption className="label pb-1 text-left">{t("nextTimes")}</caption>
              <thead><tr className="text-left text-muted"><th scope="col" className="font-normal">{t("here", { zone: HERE })}</th>{HERE !== elsewhere && <th scope="col" className="font-normal">{elsewhere}</th>}</tr></thead>
              <tbody className="tabular-nums">
                {times.map((one) => <tr key={one.getTime()}><td className="py-0.5 pr-3">{dateTime(one)}</td>{HERE !== elsewhere && <td className="py-0.5 text-muted">{there(one, elsewhere)}</td>}</tr>)}
              </tbody>
            </table>
          </>
        )}
      </div>
    </div>
  );
}
