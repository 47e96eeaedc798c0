import { useMemo } from "react";
import { useText } from "@/i18n";
import { cx } from "@/lib/cx";
import { number } from "@/lib/format";
import { useUrlState } from "@/lib/url-state";
import { Checkbox, SearchInput } from "@/ui/input";
import { Empty, ErrorState, Loading } from "@/ui/states";
import { type Campaign, useAllRuns, useItemName, useNames } from "../data";
import { commonTexts } from "../i18n";
import { detailTexts } from "./i18n";
import { allPassed, type MatrixRow } from "./matrix-data";
import { LOOK, MatrixGrid } from "./MatrixGrid";
import { useMatrix } from "./useMatrix";

const NONE: readonly MatrixRow[] = [];

/** Items by agents and metrics. Only the cells in sight are in the page, both ways. */
export function Matrix({ campaign }: { campaign: Campaign }) {
  const t = useText(detailTexts);
  const runs = useAllRuns(campaign.id, Infinity);
  const [{ q, only }, set] = useUrlState({ q: "", only: "" });
  const matrix = useMatrix(runs.data?.pages);
  const rows = matrix?.rows ?? NONE;
  const itemName = useItemName(campaign, runs.rows);
  const personaName = useNames("personas", runs.rows.map((run) => run.persona_id));
  const named = useMemo(() => rows.map((row) => ({ ...row, label: [itemName(row.item), personaName(row.persona)].filter(Boolean).join(" · ") })), [rows, itemName, personaName]);
  const shown = useMemo(() => {
    const words = q.trim().toLowerCase();
    return named.filter((row) => (!words || row.label.toLowerCase().includes(words)) && (only !== "1" || !allPassed(row)));
  }, [named, q, only]);
  if (runs.error && runs.rows.length === 0) return <ErrorState error={runs.error} onRetry={() => void runs.refetch()} />;
  if (runs.isPending || !matrix) return <Loading />;
  if (rows.length === 0) return <div className="card"><Empty>{t("matrixEmpty")}</Empty></div>;
  return (
    <div className="grid gap-2">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2 text-sm">
        <SearchInput label={t("search")} className="w-60" value={q} onChange={(event) => set({ q: event.target.value })} />
        <label className="flex items-center gap-2"><Checkbox checked={only === "1"} onChange={(event) => set({ only: event.target.checked ? "1" : "" })} />{t("onlyNotPassed")}</label>
        <span role="status" className="text-muted">{runs.complete ? t("notCounted", { n: shown.length }) : t("reading", { done: number(runs.rows.length), total: number(campaign.summary.total) })}</span>
        <Legend />
      </div>
      {shown.length === 0
        ? <div className="card"><Empty title={t("noRuns")} /></div>
        : <MatrixGrid rows={shown} columns={matrix.columns} />}
      <p className="text-xs text-muted">{t("matrixHint")}</p>
    </div>
  );
}

function Legend() {
  const common = useText(commonTexts);
  return (
    <ul className="ml-auto flex flex-wrap gap-2 text-xs">
      {(["passed", "failed", "error", "running"] as const).map((one) => (
        <li key={one} className={cx("rounded-sm px-1.5 py-0.5", LOOK[one === "running" ? "pending" : one])}>{common(one)}</li>
      ))}
    </ul>
  );
}
