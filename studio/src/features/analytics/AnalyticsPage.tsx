import { useMemo } from "react";
import { useMay } from "@/api/me";
import { useText } from "@/i18n";
import { useUrlState } from "@/lib/url-state";
import { Select } from "@/ui/input";
import { Page } from "@/ui/page";
import { NoPermission } from "@/ui/states";
import { Tabs } from "@/ui/tabs";
import { TimeRange } from "@/ui/time-range";
import { endsOf } from "./ask";
import { Explore } from "./Explore";
import { analyticsTexts } from "./i18n";
import { Overview } from "./Overview";

const STEPS = ["auto", "hour", "day", "week", "month"] as const;

/** Many traces at once: how good, how dear, how slow, how many. */
export default function AnalyticsPage() {
  const t = useText(analyticsTexts);
  const mayRead = useMay("traces_read");
  const [{ tab, range, from, to, step }, set] = useUrlState({ tab: "overview", range: "7d", from: "", to: "", step: "auto" });
  const ends = useMemo(() => endsOf(range, from, to), [range, from, to]);
  const part = tab === "explore" ? "explore" : "overview";
  const granularity = STEPS.find((one) => one === step) ?? "auto";
  if (!mayRead) return <Page title={t("analytics")}><NoPermission /></Page>;
  return (
    <Page
      title={t("analytics")}
      actions={<>
        <Select aria-label={t("step")} className="w-32" value={granularity} onChange={(event) => set({ step: event.target.value })}>{STEPS.map((one) => <option key={one} value={one}>{t(one)}</option>)}</Select>
        <TimeRange range={range} from={from} to={to} ranges={["24h", "7d", "30d", "90d"]} onChange={set} />
      </>}
    >
      <Tabs label={t("analytics")} value={part} onChange={(next) => set({ tab: next }, { push: true })} tabs={[{ value: "overview", label: t("overview") }, { value: "explore", label: t("explore") }]}>
        {part === "overview" ? <Overview ends={ends} granularity={granularity} /> : <Explore ends={ends} granularity={granularity} />}
      </Tabs>
    </Page>
  );
}
