import { useQueryClient } from "@tanstack/react-query";
import { useDeferredValue, useMemo, useRef, useState } from "react";
import { FileUp, Plus, SearchX, Trash2 } from "lucide-react";
import { request } from "@/api/client";
import { useBoth, useText } from "@/i18n";
import { ago, bytes, exactTime, NOTHING } from "@/lib/format";
import { useUrlState } from "@/lib/url-state";
import { useRemove, useResources } from "@/resource/data";
import { Badge, type Tone } from "@/ui/badge";
import { Button } from "@/ui/button";
import { type Column, DataTable } from "@/ui/data-table";
import { SearchInput } from "@/ui/input";
import { SelectionBar } from "@/ui/selection-bar";
import { Empty, ErrorState, Loading, messageOf } from "@/ui/states";
import { toast, toastError } from "@/ui/toast";
import { DocumentSheet } from "./DocumentSheet";
import { knowledgeTexts } from "./i18n";
import { describe, type Document, documentKind } from "./kind";

const TONES: Record<Document["status"], Tone> = { pending: "warn", ready: "good", failed: "bad" };

/** The documents of a knowledge base. */
export function Documents({ base, mayWrite }: { base: string; mayWrite: boolean }) {
  const t = useText(knowledgeTexts);
  const both = useBoth();
  const client = useQueryClient();
  const kind = useMemo(() => documentKind(base), [base]);
  const [state, setState] = useUrlState({ q: "", sort: "-updated_at", document: "" });
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [busy, setBusy] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const q = useDeferredValue(state.q);
  const list = useResources(kind, { q: q || null, sort: state.sort });
  const remove = useRemove(kind);
  const refresh = () => Promise.all([client.invalidateQueries({ queryKey: [kind.kind] }), client.invalidateQueries({ queryKey: ["knowledge-bases"] })]);

  const columns = useMemo<Column<Document>[]>(() => [
    { id: "name", header: t("name"), sort: "name", grow: true, cell: (one) => <button type="button" onClick={() => setState({ document: one.id }, { push: true })} className="max-w-full truncate font-medium hover:text-accent hover:underline">{one.name}</button> },
    { id: "type", header: t("type"), width: 160, cell: (one) => <span className="font-mono text-xs text-muted" title={one.media_type}>{one.media_type}</span> },
    { id: "size", header: t("size"), width: 90, align: "end", cell: (one) => (one.size > 0 ? bytes(one.size) : NOTHING) },
    { id: "status", header: t("status"), width: 110, cell: (one) => <Badge dot tone={TONES[one.status]}>{t(one.status)}</Badge> },
    { id: "source", header: t("source"), width: 200, cell: (one) => <Source url={one.source_url} /> },
    { id: "tags", header: t("tags"), width: 140, hidden: true, cell: (one) => <span className="text-muted">{one.tags?.join(", ")}</span> },
    { id: "changed", header: t("changed"), sort: "updated_at", width: 120, cell: (one) => <time dateTime={one.updated_at} title={exactTime(one.updated_at)} className="text-muted">{ago(one.updated_at)}</time> },
  ], [t]);

  const take = async (files: readonly File[]) => {
    setBusy(true);
    let added = 0;
    for (const file of files) {
      try {
        await request("POST", `/api/v1/${kind.kind}`, { body: await describe(file) });
        added += 1;
      } catch (error) {
        toastError(t("notAdded", { name: file.name, why: messageOf(error, t("notWork")) }));
      }
    }
    if (added > 0) toast(t("added", { n: added }));
    await refresh();
    setBusy(false);
  };

  const add = mayWrite && <>
    <input ref={input} type="file" multiple aria-label={t("chooseFiles")} className="sr-only" tabIndex={-1} onChange={(event) => { void take([...(event.target.files ?? [])]); event.target.value = ""; }} />
    <Button busy={busy} onClick={() => input.current?.click()}><FileUp aria-hidden />{t("chooseFiles")}</Button>
    <Button variant="primary" onClick={() => setState({ document: "new" }, { push: true })}><Plus aria-hidden />{t("addOne")}</Button>
  </>;
  const open = state.document;
  const body = () => {
    if (list.error && list.rows.length === 0) return <ErrorState error={list.error} onRetry={() => void list.refetch()} />;
    if (list.isPending) return <Loading />;
    if (list.rows.length === 0 && !state.q) return <div className="card"><Empty action={add}>{both(kind.empty)}</Empty></div>;
    return (
      <DataTable
        name="documents" label={both(kind.title)} rows={list.rows} columns={columns} rowId={(one) => one.id} rowName={(one) => one.name}
        sort={state.sort} onSort={(sort) => setState({ sort })}
        {...(mayWrite ? { selected, onSelect: setSelected } : {})}
        onOpen={(one) => setState({ document: one.id }, { push: true })}
        onEnd={() => void list.fetchNextPage()} hasMore={list.hasNextPage} loadingMore={list.isFetchingNextPage}
        toolbar={<>
          <SearchInput label={t("search")} className="w-72 max-w-full" value={state.q} onChange={(event) => setState({ q: event.target.value })} />
          {add}
          <SelectionBar count={selected.size} onClear={() => setSelected(new Set())}>
            <Button variant="danger" size="sm" busy={remove.isPending} onClick={() => remove.mutate([...selected], { onSuccess: () => { setSelected(new Set()); void refresh(); } })}><Trash2 aria-hidden />{t("delete")}</Button>
          </SelectionBar>
        </>}
        empty={<Empty icon={SearchX} title={t("noMatch")} action={<Button onClick={() => setState({ q: "" })}>{t("clear")}</Button>} />}
      />
    );
  };
  return (
    <>
      {body()}
      {open && <DocumentSheet key={open} kind={kind} id={open === "new" ? null : open} mayWrite={mayWrite} onClose={() => setState({ document: "" })} onSaved={() => { toast(t("saved")); setState({ document: "" }); void refresh(); }} />}
    </>
  );
}

/** Only what surely is an address of the web leads there; all else is text. */
function Source({ url }: { url: string | null | undefined }) {
  if (!url) return <span className="text-muted">{NOTHING}</span>;
  const text = url.replace(/^https?:\/\//, "");
  return /^https?:\/\//i.test(url)
    ? <a href={url} target="_blank" rel="noreferrer" className="text-xs text-accent hover:underline" title={url}>{text}</a>
    : <span className="text-xs text-muted" title={url}>{text}</span>;
}
