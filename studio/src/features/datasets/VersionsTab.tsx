import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { Undo2 } from "lucide-react";
import { useText } from "@/i18n";
import { cx } from "@/lib/cx";
import { ago, exactTime } from "@/lib/format";
import { useUrlState } from "@/lib/url-state";
import { useVersion, useVersions } from "@/resource/data";
import { Badge, type Tone } from "@/ui/badge";
import { Button } from "@/ui/button";
import { DiffView } from "@/ui/diff-view";
import { Empty, ErrorState, Loading, messageOf } from "@/ui/states";
import { toast, toastError } from "@/ui/toast";
import { diffItems, type ItemDiff } from "./diff";
import { type FieldId, FIELDS, textOf } from "./fields";
import { datasetTexts } from "./i18n";
import { putBack, readAll } from "./items";
import { type Dataset, datasetKind, type Item } from "./kind";

/** More than that a browser should not hold twice. */
const MOST = 20_000;
/** Changes shown before somebody asks for more. */
const PORTION = 30;
const TONES: Record<ItemDiff["change"], Tone> = { added: "good", removed: "bad", changed: "warn" };

/** The versions of a dataset, and what became of its items between two of them. */
export function VersionsTab({ dataset, mayWrite }: { dataset: Dataset; mayWrite: boolean }) {
  const t = useText(datasetTexts);
  const [url, setUrl] = useUrlState({ tab: "items", from: "", to: "", change: "", version: "" });
  const versions = useVersions(datasetKind, dataset.id);
  const to = Number(url.to) || dataset.version;
  const from = Number(url.from) || to - 1;
  if (versions.error) return <ErrorState error={versions.error} onRetry={() => void versions.refetch()} />;
  if (versions.isPending) return <Loading />;
  return (
    <div className="grid gap-4 lg:grid-cols-[17rem_minmax(0,1fr)]">
      <ol aria-label={t("versions")} className="card max-h-[32rem] self-start overflow-y-auto p-1">
        {versions.rows.map((one) => (
          <li key={one.version}>
            <button
              type="button"
              aria-pressed={one.version === to}
              onClick={() => setUrl({ to: String(one.version), from: "", change: "" }, { push: true })}
              className={cx("grid w-full gap-0.5 rounded-md px-3 py-2 text-left hover:bg-sunken", one.version === to && "bg-accent-soft")}
            >
              <span className="flex items-center gap-2 font-medium">{t("version")} {one.version}{one.version === dataset.version && <Badge tone="accent">{t("now")}</Badge>}</span>
              <span className="text-xs text-muted" title={exactTime(one.created_at)}>{ago(one.created_at)}</span>
            </button>
          </li>
        ))}
        {versions.hasNextPage && <li><Button variant="ghost" size="sm" className="w-full" onClick={() => void versions.fetchNextPage()}>{t("more")}</Button></li>}
      </ol>
      <div className="grid min-w-0 content-start gap-3">
        <div className="flex flex-wrap items-center gap-3">
          <h2 className="font-semibold">{from > 0 ? t("compareItems", { from, to }) : `${t("version")} ${to}`}</h2>
          {from > 0 && (
            <label className="flex items-center gap-2 text-sm text-muted">
              {t("from")}
              <select className="control h-7 px-2" value={from} onChange={(event) => setUrl({ from: event.target.value, change: "" })}>
                {versions.rows.filter((one) => one.version !== to).map((one) => <option key={one.version} value={one.version}>{one.version}</option>)}
              </select>
            </label>
          )}
          <Button size="sm" className="ml-auto" onClick={() => setUrl({ tab: "items", version: to === dataset.version ? "" : String(to), from: "", to: "", change: "" }, { push: true })}>{t("showItems")}</Button>
        </div>
        {from > 0 ? <Changes dataset={dataset} from={from} to={to} mayWrite={mayWrite} /> : <Empty title={t("only")} />}
      </div>
    </div>
  );
}

function Changes({ dataset, from, to, mayWrite }: { dataset: Dataset; from: number; to: number; mayWrite: boolean }) {
  const t = useText(datasetTexts);
  const client = useQueryClient();
  const [url, setUrl] = useUrlState({ change: "" });
  const [shown, setShown] = useState(PORTION);
  const before = useItemsOf(dataset.id, from);
  const after = useItemsOf(dataset.id, to);
  const said = [useVersion(datasetKind, dataset.id, from).data, useVersion(datasetKind, dataset.id, to).data];
  const diffs = useMemo(() => (before.data && after.data ? diffItems(before.data, after.data) : null), [before.data, after.data]);
  const back = useMutation({
    mutationFn: (item: Item) => putBack(dataset.id, item),
    onSuccess: (_, item) => {
      toast(t("broughtBack", { key: item.key, n: from }));
      setUrl({});
      void client.invalidateQueries({ queryKey: ["datasets"] });
    },
    onError: (error) => toastError(messageOf(error, t("failed"))),
  });
  const error = before.error ?? after.error;
  if (error) return <ErrorState error={error} onRetry={() => { void before.refetch(); void after.refetch(); }} />;
  if (!diffs) return <div aria-label={t("loadingVersion")}><Loading /></div>;
  const [old, recent] = said.map((one) => JSON.stringify(one?.spec ?? {}, null, 2));
  const renamed = said.every(Boolean) && old !== recent && <Field title={t("renamed")} before={old ?? ""} after={recent ?? ""} />;
  if (diffs.length === 0) return <div className="grid gap-3">{renamed}<p className="text-sm text-muted">{t("same")}</p></div>;
  const count = (change: ItemDiff["change"]) => diffs.filter((one) => one.change === change).length;
  const filters = [
    { value: "", label: `${t("allChanges")} ${diffs.length}` },
    { value: "added", label: t("nAdded", { n: count("added") }) },
    { value: "changed", label: t("nChanged", { n: count("changed") }) },
    { value: "removed", label: t("nRemoved", { n: count("removed") }) },
  ];
  const chosen = url.change ? diffs.filter((one) => one.change === url.change) : diffs;
  return (
    <div className="grid gap-3">
      {renamed}
      {((before.data?.length ?? 0) >= MOST || (after.data?.length ?? 0) >= MOST) && <p className="text-sm text-warn">{t("tooMany", { n: MOST })}</p>}
      <div role="group" aria-label={t("changed")} className="flex flex-wrap gap-1.5">
        {filters.map((one) => (
          <Button key={one.value} size="sm" aria-pressed={url.change === one.value} className={url.change === one.value ? "border-accent bg-accent-soft text-accent-strong" : ""} onClick={() => { setUrl({ change: one.value }); setShown(PORTION); }}>{one.label}</Button>
        ))}
      </div>
      <ul className="grid gap-3">
        {chosen.slice(0, shown).map((diff) => (
          <li key={diff.key} className="card grid gap-3 p-4">
            <div className="flex flex-wrap items-center gap-2">
              <Badge tone={TONES[diff.change]}>{t(diff.change)}</Badge>
              <h3 className="min-w-0 truncate font-mono text-xs font-semibold">{diff.key}</h3>
              {mayWrite && diff.before && (
                <Button size="sm" variant="ghost" className="ml-auto" busy={back.isPending} onClick={() => diff.before && back.mutate(diff.before)}><Undo2 aria-hidden />{t("bringBack")}</Button>
              )}
            </div>
            {diff.fields.map((field) => <Field key={field} title={t(field)} before={written(field, diff.before)} after={written(field, diff.after)} />)}
          </li>
        ))}
      </ul>
      {chosen.length > shown && <div><Button onClick={() => setShown(shown + PORTION)}>{t("more")} ({chosen.length - shown})</Button></div>}
    </div>
  );
}

const Field = ({ title, before, after }: { title: string; before: string; after: string }) => (
  <div className="grid gap-1">
    <p className="label">{title}</p>
    <DiffView label={title} before={before} after={after} />
  </div>
);

const JSON_FIELDS = new Set(FIELDS.filter((field) => field.shape === "json").map((field) => field.id));

/** A field with a line for each part of it, so that the difference is small. */
function written(field: FieldId, item: Item | null): string {
  const value = item?.[field as keyof Item];
  if (value === undefined || value === null) return "";
  return JSON_FIELDS.has(field) ? JSON.stringify(value, null, 2) : textOf(field, value);
}

/** All items of a version; a version is written once. */
const useItemsOf = (dataset: string, version: number) =>
  useQuery({ queryKey: ["datasets", "version-items", dataset, version], queryFn: ({ signal }) => readAll(dataset, version, MOST, signal), staleTime: Infinity });
