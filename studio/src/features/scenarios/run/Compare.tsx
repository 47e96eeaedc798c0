import type { UseQueryResult } from "@tanstack/react-query";
import type { Schemas } from "@/api/client";
import { useText } from "@/i18n";
import { cx } from "@/lib/cx";
import { duration, NOTHING, score } from "@/lib/format";
import { Button } from "@/ui/button";
import { Field } from "@/ui/field";
import { Select } from "@/ui/input";
import { JsonView } from "@/ui/json-view";
import { Loaded } from "@/ui/states";
import { runTexts } from "../i18n-run";
import { type Run, useForks } from "./data";
import { StatusBadge } from "./StatusBadge";

type Comparison = Schemas["Comparison2"];
/** What the API shows of a score; its description names no fields. */
type Scored = { score?: number | null; status?: string; reason?: string | null } | null | undefined;

/** A run beside one of its forks: paths, outcomes, scores, and what is different in the end. */
export function Compare({ run, shared, other, comparison, onOther, onOpen }: {
  run: Run;
  /** The nodes that had run where they parted. */
  shared: readonly string[];
  other: string;
  comparison: UseQueryResult<Comparison>;
  onOther(id: string): void;
  onOpen(id: string): void;
}) {
  const t = useText(runTexts);
  const forks = useForks(run.run_id);
  return (
    <div className="grid gap-4">
      <p className="text-xs text-muted">{t("compareText")}</p>
      <Loaded query={forks} loading={<div className="h-8 animate-pulse rounded-md bg-sunken" />}>
        {({ data }) => {
          const known = data.some((fork) => fork.run_id === other);
          return data.length === 0 && !other ? <p className="text-sm text-muted">{t("noForks")}</p> : (
            <Field label={t("chooseFork")}>
              <Select value={other} onChange={(event) => onOther(event.target.value)}>
                <option value="">–</option>
                {!known && other && <option value={other}>{other.slice(-8)}</option>}
                {data.map((fork) => <option key={fork.run_id} value={fork.run_id}>{`${t("at", { n: Math.max(Number(fork.forked_at) - 1, 0) })} · ${t(`status_${fork.status}`)} · ${fork.run_id.slice(-6)}`}</option>)}
              </Select>
            </Field>
          );
        }}
      </Loaded>
      {other && <Loaded query={comparison}>{(data) => <Result data={data} shared={shared} onOpen={onOpen} />}</Loaded>}
    </div>
  );
}

function Result({ data: { run, with: fork, scores, patch, parted_at: parted }, shared, onOpen }: { data: Comparison; shared: readonly string[]; onOpen(id: string): void }) {
  const t = useText(runTexts);
  return (
    <div className="grid gap-4">
      {parted && <p className="text-xs text-muted">{t("parted", { n: Math.max(Number(parted) - 1, 0) })}</p>}
      <table className="w-full table-fixed text-left text-sm">
        <thead><tr className="border-b border-line"><th scope="col" className="w-20 py-1"><span className="sr-only">{t("outcome")}</span></th><th scope="col" className="py-1 font-semibold">{t("original")}</th><th scope="col" className="py-1 font-semibold">{t("forkWord")}</th></tr></thead>
        <tbody className="align-top">
          <tr><Head>{t("outcome")}</Head><td className="py-1"><StatusBadge status={run.status} /></td><td className="py-1"><StatusBadge status={fork.status} /></td></tr>
          <tr><Head>{t("duration")}</Head><td className="py-1 tabular-nums">{duration(run.latency_ms)}</td><td className="py-1 tabular-nums">{duration(fork.latency_ms)}</td></tr>
          <tr><Head>{t("lastAnswer")}</Head><td className="py-1 pr-2 text-xs wrap-anywhere">{run.output ?? NOTHING}</td><td className="py-1 text-xs wrap-anywhere">{fork.output ?? NOTHING}</td></tr>
          <tr><Head>{t("pathOf")}</Head><Path path={run.path} other={[...shared, ...fork.path]} /><Path path={[...shared, ...fork.path]} other={run.path} /></tr>
          {scores.map((one) => (
            <tr key={one.name}><Head>{one.name}</Head><Score score={one.run as Scored} /><Score score={one.with as Scored} /></tr>
          ))}
        </tbody>
      </table>
      <div className="flex flex-wrap gap-2"><Button size="sm" onClick={() => onOpen(fork.run_id)}>{t("watchFork")}</Button><Button size="sm" variant="ghost" onClick={() => onOpen(run.run_id)}>{t("watchOriginal")}</Button></div>
      <section className="grid gap-2">
        <h3 className="text-sm font-medium">{t("differences")}</h3>
        {patch.length === 0 ? <p className="text-sm text-muted">{t("nothingDiffers")}</p> : (
          <ul className="grid gap-1">
            {patch.slice(0, 40).map((change, index) => (
              <li key={index} className="rounded-md bg-sunken px-2 py-1 text-xs wrap-anywhere">
                <span className="font-mono font-medium">{String(change.op) === "remove" ? "− " : String(change.op) === "add" ? "+ " : "~ "}{String(change.path)}</span>
                {change.value !== undefined && (typeof change.value === "object" ? <JsonView value={change.value} open={0} search={false} /> : <span className="block text-muted">{String(change.value)}</span>)}
              </li>
            ))}
          </ul>
        )}
      </section>
    </div>
  );
}

const Head = ({ children }: { children: string }) => <th scope="row" className="py-1 pr-2 text-xs font-medium wrap-anywhere text-muted">{children}</th>;

/** The nodes of a path; those that the other one never came to stand out. */
function Path({ path, other }: { path: readonly string[]; other: readonly string[] }) {
  const known = new Set(other);
  return (
    <td className="py-1 pr-2">
      <ol className="font-mono text-2xs leading-4">
        {path.map((node, index) => <li key={index} className={cx("truncate", known.has(node) ? "text-muted" : "font-semibold text-accent-strong")}>{node}</li>)}
      </ol>
    </td>
  );
}

function Score({ score: one }: { score: Scored }) {
  return <td className="py-1 pr-2 text-xs" title={one?.reason ?? undefined}>{one ? `${score(one.score)} ${one.status}` : NOTHING}</td>;
}
