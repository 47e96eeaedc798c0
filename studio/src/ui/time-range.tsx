import { texts, useText } from "@/i18n";
import { instant, RANGES, typedOf } from "@/lib/time-range";
import { Input, Select } from "./input";

const rangeTexts = texts({
  en: {
    range: "Time range", "1h": "Last hour", "24h": "Last 24 hours", "7d": "Last 7 days", "30d": "Last 30 days", "90d": "Last 90 days", all: "All time",
    custom: "From … to …", from: "From", to: "To",
  },
  vi: {
    range: "Khoảng thời gian", "1h": "Một giờ qua", "24h": "24 giờ qua", "7d": "7 ngày qua", "30d": "30 ngày qua", "90d": "90 ngày qua", all: "Mọi lúc",
    custom: "Từ … đến …", from: "Từ", to: "Đến",
  },
});

/** A span of time: one that ends now, or two instants. Keep the three texts in the address. */
export function TimeRange({ range, from, to, onChange, ranges = RANGES }: {
  range: string;
  from: string;
  to: string;
  onChange(changes: { range?: string; from?: string; to?: string }): void;
  ranges?: readonly string[];
}) {
  const t = useText(rangeTexts);
  const label = (one: string) => (one === "" ? t("all") : t(one as "1h"));
  return (
    <span className="flex flex-wrap items-center gap-2">
      <Select
        aria-label={t("range")}
        className="w-40"
        value={range}
        onChange={(event) => {
          const next = event.target.value;
          // Instants begin where the named range stood.
          const since = new Date(Date.now() - 7 * 86_400_000).toISOString();
          onChange(next === "custom" ? { range: next, from: from || since, to } : { range: next, from: "", to: "" });
        }}
      >
        {ranges.map((one) => <option key={one} value={one}>{label(one)}</option>)}
        <option value="custom">{t("custom")}</option>
      </Select>
      {range === "custom" && <>
        <Input aria-label={t("from")} type="datetime-local" className="w-48" value={typedOf(from)} onChange={(event) => onChange({ from: instant(event.target.value) ?? "" })} />
        <span aria-hidden className="text-muted">–</span>
        <Input aria-label={t("to")} type="datetime-local" className="w-48" value={typedOf(to)} onChange={(event) => onChange({ to: instant(event.target.value) ?? "" })} />
      </>}
    </span>
  );
}
