import { Link, useNavigate } from "@tanstack/react-router";
import { type ReactNode, useMemo, useState } from "react";
import { ArchiveRestore, Plus, SearchX, Trash2 } from "lucide-react";
import type { Query } from "@/api/client";
import { useMay } from "@/api/me";
import { useBoth, useText } from "@/i18n";
import { cx } from "@/lib/cx";
import { ago, exactTime, NOTHING } from "@/lib/format";
import { useShortcuts } from "@/lib/keyboard";
import { useUrlState } from "@/lib/url-state";
import { Button, ButtonLink } from "@/ui/button";
import { type Column, DataTable } from "@/ui/data-table";
import { Page } from "@/ui/page";
import { SearchBox } from "@/ui/search-box";
import { SelectionBar } from "@/ui/selection-bar";
import { Empty, ErrorState, Loading, NoPermission } from "@/ui/states";
import { useRemove, useResources, useRestore } from "./data";
import { resourceTexts } from "./i18n";
import type { ResourceItem, ResourceKind } from "./kind";
import { useDeleters } from "./useDeleters";

/** The list of a kind: search, sorting, selection, deletion with Undo, what is deleted; the state is in the address. */
export function ResourceList<Item extends ResourceItem>({ kind, columns = [], filters, query = {}, actions }: {
  kind: ResourceKind<Item>;
  /** Columns of this kind alone, between the name and the version. */
  columns?: readonly Column<Item>[];
  /** Controls of further filters, beside the search. */
  filters?: ReactNode;
  /** What these filters ask the API. */
  query?: Query;
  /** Further buttons of the page. */
  actions?: ReactNode;
}) {
  const t = useText(resourceTexts);
  const both = useBoth();
  const navigate = useNavigate();
  const [state, setState] = useUrlState({ q: "", sort: "-updated_at", deleted: "" });
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const mayRead = useMay(kind.read);
  const mayWrite = useMay(kind.write);
  const bin = state.deleted === "only";
  const list = useResources(kind, { ...query, q: state.q || null, sort: state.sort, deleted: bin ? "only" : null });
  // The rows of before stay while others are asked for; those of the other side may not be offered here.
  const rows = list.rows.filter((item) => Boolean(item.deleted_at) === bin);
  const remove = useRemove(kind);
  const restore = useRestore(kind);
  const deleter = useDeleters(kind, bin);
  useShortcuts([{ keys: "c", label: kind.create, run: () => { if (mayWrite) void navigate({ to: `${kind.path}/new` }); } }]);

  const all = useMemo<Column<Item>[]>(() => [
    {
      id: "name", header: t("name"), sort: "name", grow: true,
      cell: (item) => (
        <span className="flex min-w-0 items-baseline gap-2">
          {item.deleted_at
            ? <span className="max-w-full shrink-0 truncate font-medium">{item.name}</span>
            : <Link to={`${kind.path}/${encodeURIComponent(item.id)}`} className="max-w-full shrink-0 truncate font-medium hover:text-accent hover:underline">{item.name}</Link>}
          {item.description && <span className="truncate text-xs text-muted">{item.description}</span>}
        </span>
      ),
    },
    ...columns,
    { id: "version", header: t("version"), width: 72, align: "end", cell: (item) => item.version },
    { id: "updated", header: t("updated"), sort: "updated_at", width: 120, cell: (item) => <time dateTime={item.updated_at} title={exactTime(item.updated_at)} className="text-muted">{ago(item.updated_at)}</time> },
    { id: "created", header: t("created"), sort: "created_at", width: 130, hidden: true, cell: (item) => <time dateTime={item.created_at} title={exactTime(item.created_at)} className="text-muted">{ago(item.created_at)}</time> },
  ], [columns, kind, t]);
  const binned: Column<Item>[] = [
    // When, who and Restore are in sight; what else the kind tells can be asked for.
    ...all.filter((column) => !["version", "updated", "created"].includes(column.id)).map((column) => (column.id === "name" ? column : { ...column, hidden: true })),
    { id: "deleted", header: t("deletedAt"), width: 130, cell: (item) => <time dateTime={item.deleted_at} title={exactTime(item.deleted_at)} className="text-muted">{ago(item.deleted_at)}</time> },
    ...(deleter ? [{ id: "deleter", header: t("deletedBy"), width: 170, cell: (item: Item) => <span className="text-muted">{deleter(item.id) ?? NOTHING}</span> }] : []),
    ...(mayWrite ? [{
      id: "restore", header: t("restore"), width: 120,
      cell: (item: Item) => <Button size="sm" aria-label={t("restoreOne", { name: item.name })} disabled={restore.isPending} onClick={() => restore.mutate([item.id])}><ArchiveRestore aria-hidden />{t("restore")}</Button>,
    }] : []),
  ];

  const create = mayWrite && <ButtonLink variant="primary" to={`${kind.path}/new`}><Plus aria-hidden />{both(kind.create)}</ButtonLink>;
  const toggle = (
    <Button variant="ghost" aria-pressed={bin} className={cx(bin && "bg-accent-soft text-accent-strong")} onClick={() => { setSelected(new Set()); setState({ deleted: bin ? "" : "only" }, { push: true }); }}>
      <Trash2 aria-hidden />{t("showDeleted")}
    </Button>
  );
  const filtered = state.q !== "" || Object.values(query).some((value) => value !== null && value !== undefined && value !== "");
  const body = () => {
    if (!mayRead) return <NoPermission />;
    if (list.error && list.rows.length === 0) return <ErrorState error={list.error} onRetry={() => void list.refetch()} />;
    if (list.isPending || (rows.length === 0 && list.isPlaceholderData)) return <Loading />;
    if (rows.length === 0 && !filtered && !bin) return <Empty action={<>{create}{toggle}</>}>{both(kind.empty)}</Empty>;
    return (
      <DataTable
        key={state.deleted}
        name={bin ? `${kind.kind}.deleted` : kind.kind}
        label={both(kind.title)}
        rows={rows}
        columns={bin ? binned : all}
        rowId={(item) => item.id}
        rowName={(item) => item.name}
        sort={state.sort}
        onSort={(sort) => setState({ sort })}
        {...(mayWrite ? { selected, onSelect: setSelected } : {})}
        {...(bin ? {} : { onOpen: (item: Item) => void navigate({ to: `${kind.path}/${encodeURIComponent(item.id)}` }) })}
        onEnd={() => void list.fetchNextPage()}
        hasMore={list.hasNextPage}
        loadingMore={list.isFetchingNextPage}
        toolbar={<>
          <SearchBox label={t("search")} className="w-72 max-w-full" value={state.q} onChange={(q) => setState({ q })} />
          {filters}
          {toggle}
          <SelectionBar count={selected.size} onClear={() => setSelected(new Set())}>
            {bin ? (
              <Button size="sm" busy={restore.isPending} onClick={() => restore.mutate([...selected], { onSuccess: () => setSelected(new Set()) })}>
                <ArchiveRestore aria-hidden />{t("restore")}
              </Button>
            ) : (
              <Button variant="danger" size="sm" busy={remove.isPending} onClick={() => remove.mutate([...selected], { onSuccess: () => setSelected(new Set()) })}>
                <Trash2 aria-hidden />{t("delete")}
              </Button>
            )}
          </SelectionBar>
        </>}
        empty={bin && !filtered ? <Empty icon={Trash2} title={t("noneDeleted")}>{t("noneDeletedText")}</Empty> : <Empty icon={SearchX} title={t("noMatch")} action={<Button onClick={() => setState({ q: "" })}>{t("clear")}</Button>}>{t("noMatchText")}</Empty>}
      />
    );
  };
  return <Page title={both(kind.title)} actions={<>{actions}{create}</>}>{body()}</Page>;
}
