import { Link, useNavigate } from "@tanstack/react-router";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { Plus, SearchX } from "lucide-react";
import { request, type Schemas } from "@/api/client";
import { useMay } from "@/api/me";
import { type Page as ApiPage, usePages } from "@/api/pages";
import { useText } from "@/i18n";
import { ago, exactTime, number, percent } from "@/lib/format";
import { useUrlState } from "@/lib/url-state";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { type Column, DataTable } from "@/ui/data-table";
import { Input, Select } from "@/ui/input";
import { Page } from "@/ui/page";
import { Empty, ErrorState, Loading } from "@/ui/states";
import { CreateCalibration } from "./CreateCalibration";
import { calibrationTexts } from "./i18n";

type Calibration = Schemas["Calibration"];

/** Whether a calibration is applied, or why not. */
export function CalibrationState({ calibration }: { calibration: Pick<Calibration, "active" | "stale"> }) {
  const t = useText(calibrationTexts);
  if (!calibration.active) return <Badge>{t("replaced")}</Badge>;
  return calibration.stale ? <Badge dot tone="warn">{t(calibration.stale)}</Badge> : <Badge dot tone="good">{t("active")}</Badge>;
}

/** The names of models, by id. */
export function useModelNames(): (id: string) => string {
  const may = useMay("resources_read");
  const { data } = useQuery({
    queryKey: ["models", "names"],
    enabled: may,
    staleTime: 60_000,
    queryFn: async ({ signal }) => (await request<ApiPage<{ id: string; name: string }>>("GET", "/api/v1/models", { query: { limit: 200, deleted: "include" }, signal })).data.data,
  });
  return useMemo(() => {
    const names = new Map(data?.map(({ id, name }) => [id, name]));
    return (id) => names.get(id) ?? id;
  }, [data]);
}

/** All calibrations, the newest first. `?new=1` opens the form, filled in from the address. */
export default function CalibrationsPage() {
  const t = useText(calibrationTexts);
  const navigate = useNavigate();
  const mayWrite = useMay("resources_write");
  const modelName = useModelNames();
  const [state, set] = useUrlState({ metric: "", active: "", new: "", schema: "", queue: "" });
  const list = usePages<Calibration>({ key: ["calibrations", "list"], path: "/api/v1/calibrations", query: { metric: state.new ? null : state.metric, active: state.active } });
  const columns = useMemo<Column<Calibration>[]>(() => [
    { id: "metric", header: t("metric"), grow: true, width: 200, cell: (one) => <Link to={`/calibrations/${one.id}`} className="font-medium hover:text-accent hover:underline">{one.metric}</Link> },
    { id: "judge", header: t("judge"), width: 200, cell: (one) => <span className="text-muted">{modelName(one.spec.judge_model_id)}</span> },
    { id: "state", header: t("state"), width: 170, cell: (one) => <CalibrationState calibration={one} /> },
    { id: "version", header: t("version"), width: 80, align: "end", cell: (one) => one.version },
    { id: "labelled", header: t("labelled"), width: 100, align: "end", cell: (one) => number(one.labelled) },
    { id: "agreement", header: t("agreement"), width: 120, align: "end", cell: (one) => percent(one.agreement) },
    { id: "made", header: t("made"), width: 130, cell: (one) => <time dateTime={one.created_at} title={exactTime(one.created_at)} className="text-muted">{ago(one.created_at)}</time> },
  ], [t, modelName]);
  const create = mayWrite && <Button variant="primary" onClick={() => set({ new: "1" }, { push: true })}><Plus aria-hidden />{t("create")}</Button>;
  const filtered = Boolean(state.metric || state.active);
  const body = () => {
    if (list.error && list.rows.length === 0) return <ErrorState error={list.error} onRetry={() => void list.refetch()} />;
    if (list.isPending) return <Loading />;
    if (list.rows.length === 0 && !filtered) return <div className="card"><Empty action={create}>{t("empty")}</Empty></div>;
    return (
      <DataTable
        name="calibrations" label={t("title")} rows={list.rows} columns={columns} rowId={(one) => one.id}
        onOpen={(one) => void navigate({ to: `/calibrations/${one.id}` })}
        onEnd={() => void list.fetchNextPage()} hasMore={list.hasNextPage} loadingMore={list.isFetchingNextPage}
        toolbar={<>
          <Input className="w-56" aria-label={t("metric")} placeholder={t("anyMetric")} value={state.metric} onChange={(event) => set({ metric: event.target.value })} />
          <Select className="w-44" aria-label={t("state")} value={state.active} onChange={(event) => set({ active: event.target.value })}>
            <option value="">{t("anyState")}</option>
            <option value="true">{t("onlyActive")}</option>
            <option value="false">{t("notActive")}</option>
          </Select>
        </>}
        empty={<Empty icon={SearchX} title={t("noMatch")} action={<Button onClick={() => set({ metric: "", active: "" })}>{t("clear")}</Button>} />}
      />
    );
  };
  return (
    <Page title={t("title")} actions={create}>
      {body()}
      {state.new && mayWrite && (
        <CreateCalibration
          metric={state.metric} schema={state.schema} queue={state.queue}
          onClose={() => set({ new: "", metric: "", schema: "", queue: "" })}
          onDone={(id) => void navigate({ to: `/calibrations/${id}`, search: {} as never })}
        />
      )}
    </Page>
  );
}
