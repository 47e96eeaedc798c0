import { useEffect, useState } from "react";
import { Clock } from "lucide-react";
import { useText } from "@/i18n";
import { dateTime, duration } from "@/lib/format";
import { Button } from "@/ui/button";
import { workTexts } from "./i18n-work";

const SOON_MS = 60_000;

/** How long an item is kept; near the end it can be kept for longer. */
export function Lease({ until, onRenew }: { until: string; onRenew(): void }) {
  const t = useText(workTexts);
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  const left = new Date(until).getTime() - now;
  if (left <= 0) {
    return <p role="alert" className="flex flex-wrap items-center gap-2 rounded-md bg-warn-soft px-2 py-1 text-xs text-warn">{t("leaseOver")}<Button size="sm" onClick={onRenew}>{t("renew")}</Button></p>;
  }
  return (
    <p className="flex items-center gap-1.5 text-xs text-muted" title={dateTime(until)}>
      <Clock aria-hidden className="size-3.5" />
      {t("lease", { time: duration(left < SOON_MS ? Math.ceil(left / 1000) * 1000 : Math.ceil(left / 60_000) * 60_000) })}
      {left < SOON_MS && <Button size="sm" onClick={onRenew}>{t("renew")}</Button>}
    </p>
  );
}
