import { Link, useNavigate } from "@tanstack/react-router";
import { type ReactNode, useMemo, useState } from "react";
import { Plus, SearchX, Trash2 } from "lucide-react";
import type { Query } from "@/api/client";
import { useMay } from "@/api/me";
import { useBoth, useText } from "@/i18n";
import { ago, exactTime } from "@/lib/format";
import { useShortcuts } from "@/lib/keyboard";
import { useUrlState } from "@/lib/url-state";
import { Button, ButtonLink } from "@/ui/button";
import { type Column, DataTable } from "@/ui/data-table";
import { Page } from "@/ui/page";
import { SearchBox } from "@/ui/search-box";
import { SelectionBar } from "@/ui/selection-bar";
import { Empty, ErrorState, Loading, NoPermission } from "@/ui/states";
import { useRemove, useResources } from "./data";
import { resourceTexts } from "./i18n";
import type { ResourceItem, ResourceKind } from "./kind";

/** The list of a kind: search, sorting, selection, deletion with Undo; the state is in the address. */
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
  const [state, setState] = useUrlState({ q: "", sort: "-updated_at" });
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const mayRead = useMay(kind.read);
  const mayWrite = useMay(kind.write);
  const list = useResources(kind, { ...query, q: state.q || null, sort: state.sort });
  const remove = useRemove(kind);
  useShortcuts([{ keys: "c", label: kind.create, run: () => { if (mayWrite) void navigate({ to: `${kind.path}/new` }); } }]);

  const all = useMemo<Column<Item>[]>(() => [
    {
      id: "name", header: t("name"), sort: "name", grow: true,
      cell: (item) => (
        <span className="flex min-w-0 items-baseline gap-2">
          <Link to={`${kind.path}/${encodeURIComponent(item.id)}`} className="max-w-full shrink-0 truncate font-medium hover:text-accent hover:underline">{item.name}</Link>
          {item.description && <span className="truncate text-xs text-muted">{item.description}</span>}
        </span>
      ),
    },
    ...columns,
    { id: "version", header: t("version"), width: 72, align: "end", cell: (item) => item.version },
    { id: "updated", header: t("updated"), sort: "updated_at", width: 120, cell: (item) => <time dateTime={item.updated_at} title={exactTime(item.updated_at)} className="text-muted">{ago(item.updated_at)}</time> },
    { id: "created", header: t("created"), sort: "created_at", width: 130, hidden: true, cell: (item) => <time dateTime={item.created_at} title={exactTime(item.created_at)} className="text-muted">{ago(item.created_at)}</time> },
  ], [columns, kind, t]);

  const create = mayWrite && <ButtonLink variant="primary" to={`${kind.path}/new`}><Plus aria-hidden />{both(kind.create)}</ButtonLink>;
  const filtered = state.q !== "" || Object.values(query).some((value) => value !== null && value !== undefined && value !== "");
  const body = () => {
    if (!mayRead) return <NoPermission />;
    if (list.error && list.rows.length === 0) return <ErrorState error={list.error} onRetry={() => void list.refetch()} />;
    if (list.isPending) return <Loading />;
    if (list.rows.length === 0 && !filtered) return <Empty action={create}>{both(kind.empty)}</Empty>;
    return (
      <DataTable
        name={kind.kind}
        label={both(kind.title)}
        rows={list.rows}
        columns={all}
        rowId={(item) => item.id}
        rowName={(item) => item.name}
        sort={state.sort}
        onSort={(sort) => setState({ sort })}
        {...(mayWrite ? { selected, onSelect: setSelected } : {})}
        onOpen={(item) => void navigate({ to: `${kind.path}/${encodeURIComponent(item.id)}` })}
        onEnd={() => void list.fetchNextPage()}
        hasMore={list.hasNextPage}
        loadingMore={list.isFetchingNextPage}
        toolbar={<>
          <SearchBox label={t("search")} className="w-72 max-w-full" value={state.q} onChange={(q) => setState({ q })} />
          {filters}
          <SelectionBar count={selected.size} onClear={() => setSelected(new Set())}>
            <Button
              variant="danger" size="sm" busy={remove.isPending}
              onClick={() => remove.mutate([...selected], { onSuccess: () => setSelected(new Set()) })}
            >
              <Trash2 aria-hidden />{t("delete")}
            </Button>
          </SelectionBar>
        </>}
        empty={<Empty icon={SearchX} title={t("noMatch")} action={<Button onClick={() => setState({ q: "" })}>{t("clear")}</Button>}>{t("noMatchText")}</Empty>}
      />
    );
  };
  return <Page title={both(kind.title)} actions={<>{actions}{create}</>}>{body()}</Page>;
}
