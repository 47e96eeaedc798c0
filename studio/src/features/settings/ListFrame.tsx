import { type ReactNode, useEffect, useState } from "react";
import { SearchX } from "lucide-react";
import { useText } from "@/i18n";
import { useUrlState } from "@/lib/url-state";
import { Button } from "@/ui/button";
import { type Column, DataTable } from "@/ui/data-table";
import { SearchInput } from "@/ui/input";
import { Empty, ErrorState, Loading } from "@/ui/states";
import { keyTexts } from "./i18n-keys";

interface Pages<T> {
  rows: readonly T[];
  error: unknown;
  isPending: boolean;
  hasNextPage: boolean;
  isFetchingNextPage: boolean;
  refetch(): unknown;
  fetchNextPage(): unknown;
}

/** A list of settings with its states; with `search` its text is `q` in the address. */
export function ListFrame<T>({ list, columns, name, label, rowId, rowName, empty, search, filtered, onClear, filters, onOpen }: {
  list: Pages<T>;
  columns: readonly Column<T>[];
  name: string;
  label: string;
  rowId(row: T): string;
  rowName?(row: T): string;
  /** Shown while there is nothing at all. */
  empty: ReactNode;
  search?: string;
  /** Whether any filter beside the search is set. */
  filtered?: boolean;
  onClear?(): void;
  filters?: ReactNode;
  onOpen?(row: T): void;
}) {
  const t = useText(keyTexts);
  const [{ q }, set] = useUrlState({ q: "" });
  const [typed, setTyped] = useState(q);
  useEffect(() => setTyped(q), [q]);
  if (list.error && list.rows.length === 0) return <ErrorState error={list.error} onRetry={() => void list.refetch()} />;
  if (list.isPending) return <Loading />;
  if (list.rows.length === 0 && !q && !filtered) return <div className="card">{empty}</div>;
  return (
    <DataTable
      name={name} label={label} rows={list.rows} columns={columns} rowId={rowId} rowName={rowName} onOpen={onOpen}
      onEnd={() => void list.fetchNextPage()} hasMore={list.hasNextPage} loadingMore={list.isFetchingNextPage}
      toolbar={<>
        {search && <SearchInput label={search} className="w-72 max-w-full" value={typed} onChange={(event) => { setTyped(event.target.value); set({ q: event.target.value }); }} />}
        {filters}
      </>}
      empty={<Empty icon={SearchX} title={t("noMatch")} action={<Button onClick={() => { set({ q: "" }); onClear?.(); }}>{t("clear")}</Button>} />}
    />
  );
}
