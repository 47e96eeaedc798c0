import { useMay } from "@/api/me";
import { useText } from "@/i18n";
import { cx } from "@/lib/cx";
import { ago, exactTime } from "@/lib/format";
import { useUrlState } from "@/lib/url-state";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { DiffView } from "@/ui/diff-view";
import { ErrorState, Loading, messageOf } from "@/ui/states";
import { toast, toastError } from "@/ui/toast";
import { useSave, useVersion, useVersions } from "./data";
import { resourceTexts } from "./i18n";
import type { ResourceItem, ResourceKind } from "./kind";

const written = (spec: unknown) => JSON.stringify(spec, null, 2) ?? "";

/** The versions of a resource, what changed in each, and the way back to one. */
export function Versions<Item extends ResourceItem>({ kind, item, etag }: { kind: ResourceKind<Item>; item: Item; etag: string | null }) {
  const t = useText(resourceTexts);
  const mayWrite = useMay(kind.write);
  const [state, setState] = useUrlState({ version: "", against: "" });
  const versions = useVersions(kind, item.id);
  const shown = Number(state.version) || item.version;
  const against = Number(state.against) || (shown > 1 ? shown - 1 : null);
  const after = useVersion(kind, item.id, shown);
  const before = useVersion(kind, item.id, against);
  const save = useSave<Item, unknown>(kind);
  const error = versions.error ?? after.error ?? before.error;
  if (error) return <ErrorState error={error} onRetry={() => { void versions.refetch(); void after.refetch(); void before.refetch(); }} />;
  if (versions.isPending || !after.data) return <Loading />;
  const takeBack = () =>
    save.mutate({ id: item.id, etag, spec: after.data.spec }, {
      onSuccess: ({ data }) => {
        toast(t("restoredVersion", { from: shown, to: data.version }));
        setState({ version: "", against: "" });
      },
      onError: (cause) => toastError(messageOf(cause, t("failed"))),
    });
  return (
    <div className="grid gap-4 lg:grid-cols-[17rem_minmax(0,1fr)]">
      <ol aria-label={t("versions")} className="card max-h-[32rem] self-start overflow-y-auto p-1">
        {versions.rows.map((one) => (
          <li key={one.version}>
            <button
              type="button"
              aria-pressed={one.version === shown}
              onClick={() => setState({ version: String(one.version), against: "" }, { push: true })}
              className={cx("grid w-full gap-0.5 rounded-md px-3 py-2 text-left hover:bg-sunken", one.version === shown && "bg-accent-soft")}
            >
              <span className="flex items-center gap-2 font-medium">
                {t("version")} {one.version}
                {one.version === item.version && <Badge tone="accent">{t("latest")}</Badge>}
                {one.labels?.map((label) => <Badge key={label}>{label}</Badge>)}
              </span>
              <span className="text-xs text-muted" title={exactTime(one.created_at)}>{ago(one.created_at)}</span>
            </button>
          </li>
        ))}
        {versions.hasNextPage && <li><Button variant="ghost" size="sm" className="w-full" onClick={() => void versions.fetchNextPage()}>…</Button></li>}
      </ol>
      <div className="grid min-w-0 content-start gap-3">
        <div className="flex flex-wrap items-center gap-3">
          <h2 className="font-semibold">{against ? t("changes", { from: against, to: shown }) : t("firstVersion")}</h2>
          {against && (
            <label className="flex items-center gap-2 text-sm text-muted">
              {t("compare")}
              <select className="control h-7 px-2" value={against} onChange={(event) => setState({ against: event.target.value })}>
                {versions.rows.filter((one) => one.version !== shown).map((one) => <option key={one.version} value={one.version}>{one.version}</option>)}
              </select>
            </label>
          )}
          {mayWrite && shown !== item.version && <Button size="sm" className="ml-auto" busy={save.isPending} onClick={takeBack}>{t("restoreVersion")}</Button>}
        </div>
        {(!against || before.data) && (
          <DiffView label={t("versions")} before={against ? written(before.data?.spec) : ""} after={written(after.data.spec)} />
        )}
      </div>
    </div>
  );
}
