import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { GitCompareArrows, GitFork } from "lucide-react";
import { api, type Schemas, unwrap } from "@/api/client";
import { usePages } from "@/api/pages";
import { StatusBadge } from "@/features/campaigns/status";
import { useText } from "@/i18n";
import { cost, duration, score as scoreText } from "@/lib/format";
import { useUrlState } from "@/lib/url-state";
import { Badge } from "@/ui/badge";
import { Button, ButtonLink } from "@/ui/button";
import { Input } from "@/ui/input";
import { Section } from "@/ui/section";
import { Empty, ErrorState, Loaded, Loading } from "@/ui/states";
import { goesOn, type Run } from "./data";
import { Folded } from "./Folded";
import { runTexts } from "./i18n";
import { Patch } from "./Patch";

/** Runs that go another way from a checkpoint of this one, and one of them beside it. */
export function Forks({ run }: { run: Run }) {
  const t = useText(runTexts);
  const [state, set] = useUrlState({ with: "" });
  const [typed, setTyped] = useState("");
  const list = usePages<Schemas["ForkShown"]>({ key: ["runs", "forks", run.run_id], path: `/api/v1/runs/${encodeURIComponent(run.run_id)}/forks`, refetchInterval: 4000 });
  if (list.error && list.rows.length === 0) return <ErrorState error={list.error} onRetry={() => void list.refetch()} />;
  if (list.isPending) return <Loading />;
  return (
    <div className="grid gap-4">
      {list.rows.length === 0
        ? <div className="card"><Empty icon={GitFork} title={t("noForks")} action={<ButtonLink to="." search={{ tab: "history", view: "edit" } as never}>{t("toHistory")}</ButtonLink>}>{t("noForksText")}</Empty></div>
        : (
          <ul className="card divide-y divide-line">
            {list.rows.map((fork) => (
              <li key={fork.run_id} className="flex flex-wrap items-center gap-3 px-4 py-2.5 text-sm">
                <Link to={`/runs/${fork.run_id}`} className="font-mono text-xs font-medium hover:text-accent hover:underline">{fork.run_id.slice(-8)}</Link>
                <StatusBadge status={fork.status} />
                <span className="min-w-0 flex-1 truncate text-muted">{fork.error?.message ?? fork.output}</span>
                {fork.scores.map((one) => <Badge key={one.name} tone={one.status === "passed" ? "good" : one.status === "failed" ? "bad" : "neutral"}>{one.name} {scoreText(one.score)}</Badge>)}
                <Button size="sm" aria-pressed={state.with === fork.run_id} onClick={() => set({ with: state.with === fork.run_id ? "" : fork.run_id }, { push: true })}><GitCompareArrows aria-hidden />{t("compare")}</Button>
              </li>
            ))}
          </ul>
        )}
      <form className="flex max-w-xl items-center gap-2" onSubmit={(event) => { event.preventDefault(); set({ with: typed.trim() }, { push: true }); }}>
        <Input aria-label={t("chooseOther")} placeholder={t("chooseOther")} value={typed} onChange={(event) => setTyped(event.target.value)} />
        <Button type="submit" disabled={typed.trim() === ""}>{t("compare")}</Button>
      </form>
      {state.with && <Beside key={state.with} run={run} other={state.with} />}
    </div>
  );
}

function Beside({ run, other }: { run: Run; other: string }) {
  const t = useText(runTexts);
  const found = useQuery({
    queryKey: ["runs", "compare", run.run_id, other],
    queryFn: () => unwrap(api.GET("/api/v1/runs/{id}/compare", { params: { path: { id: run.run_id }, query: { with: other } } })),
    // A fork that has just begun says more in a moment.
    refetchInterval: ({ state }) => (state.data && (goesOn(state.data.with) || goesOn(state.data.run)) ? 2000 : false),
  });
  return <Loaded query={found}>{(data) => <Compared data={data} title={t("against_original")} />}</Loaded>;
}

function Compared({ data, title }: { data: Schemas["Comparison2"]; title: string }) {
  const t = useText(runTexts);
  const sides = [[t("original"), data.run], [t("other"), data.with]] as const;
  const said = (value: Schemas["ComparedScore"]["run"]) => (value ? (
    <span title={String(value.reason ?? "")} className="inline-flex items-center gap-2"><StatusBadge status={value.status as "passed"} /><span className="tabular-nums">{scoreText(value.score as number | null)}</span></span>
  ) : <span className="text-muted">{t("notScored")}</span>);
  return (
    <Section title={title} actions={data.parted_at && <span className="text-xs text-muted">{t("partedAt", { id: data.parted_at })}</span>}>
      <div className="grid gap-4 md:grid-cols-2">
        {sides.map(([name, side]) => (
          <div key={name} className="grid content-start gap-2 rounded-md border border-line p-3 text-sm">
            <div className="flex items-center gap-2"><h3 className="font-medium">{name}</h3><StatusBadge status={side.status} /><Link to={`/runs/${side.run_id}`} className="ml-auto font-mono text-xs text-muted hover:text-accent hover:underline">{side.run_id.slice(-8)}</Link></div>
            <p className="label">{t("output_")}</p>
            <Folded text={side.error?.message ?? side.output ?? "–"} />
            <p className="label">{t("path")}</p>
            <p className="font-mono text-xs wrap-anywhere text-muted">{side.path.join(" → ")}</p>
            <p className="text-xs text-muted tabular-nums">{duration(side.latency_ms)} · {cost(side.cost_usd)}</p>
          </div>
        ))}
      </div>
      {data.scores.length > 0 && (
        <table className="w-full text-sm">
          <thead><tr className="label text-left"><th scope="col" className="py-1">{t("score")}</th><th scope="col">{t("original")}</th><th scope="col">{t("other")}</th></tr></thead>
          <tbody>{data.scores.map((one) => <tr key={one.name} className="border-t border-line"><th scope="row" className="py-1.5 text-left font-medium">{one.name}</th><td>{said(one.run)}</td><td>{said(one.with)}</td></tr>)}</tbody>
        </table>
      )}
      <div className="grid gap-2"><h3 className="font-medium">{t("lastState")}: {t("difference")}</h3><Patch patch={data.patch} /></div>
    </Section>
  );
}
