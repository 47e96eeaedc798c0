import { useQueryClient } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useEffect, useMemo, useRef, useState } from "react";
import { FileUp } from "lucide-react";
import { useMay } from "@/api/me";
import { useText } from "@/i18n";
import { cx } from "@/lib/cx";
import { number } from "@/lib/format";
import { useResource } from "@/resource/data";
import { Button, ButtonLink } from "@/ui/button";
import { Field } from "@/ui/field";
import { Checkbox, Textarea } from "@/ui/input";
import { Page } from "@/ui/page";
import { Section } from "@/ui/section";
import { ErrorState, Loaded, messageOf, NoPermission } from "@/ui/states";
import { datasetTexts } from "../i18n";
import { type Dataset, datasetKind } from "../kind";
import { doubled, guess, itemsOf, type Mapping } from "./mapping";
import { MappingTable } from "./MappingTable";
import { Preview } from "./Preview";
import { readTable, type Table } from "./read";
import { type Imported, sendItems, sendYaml } from "./send";

/** Larger files a browser should not hold as text several times. */
const LARGEST = 64 << 20;

/** A file becomes items: choose it, say what its columns are, look at what comes out, import. */
export default function ImportPage() {
  const { id } = useParams({ strict: false }) as { id: string };
  const dataset = useResource(datasetKind, id);
  const mayWrite = useMay(datasetKind.write);
  if (!mayWrite) return <NoPermission />;
  return <Loaded query={dataset}>{({ data }) => <Import dataset={data} />}</Loaded>;
}

function Import({ dataset }: { dataset: Dataset }) {
  const t = useText(datasetTexts);
  const client = useQueryClient();
  const [table, setTable] = useState<Table | null>(null);
  const [mapping, setMapping] = useState<Mapping>({});
  const [problem, setProblem] = useState<string | null>(null);
  const [skip, setSkip] = useState(false);
  const [done, setDone] = useState<number | null>(null);
  const [result, setResult] = useState<Imported | null>(null);
  const items = useMemo(() => (table && !table.raw ? itemsOf(table, mapping) : []), [table, mapping]);

  const read = async (text: string, name?: string) => {
    setResult(null);
    setProblem(null);
    setTable(null);
    if (text.trim() === "") return;
    try {
      const found = await readTable(text, name);
      if (found.rows.length === 0 && !found.raw) return setProblem(t("emptyFile"));
      setMapping(guess(found.columns));
      setTable(found);
    } catch (error) {
      setProblem(t("unreadable", { why: error instanceof Error ? error.message : String(error) }));
    }
  };
  const send = async () => {
    if (!table) return;
    setDone(0);
    setResult(null);
    const sent = table.raw ? await sendYaml(dataset.id, table.raw, skip) : await sendItems(dataset.id, items, skip, setDone);
    setDone(null);
    setResult(sent);
    if (sent.created + sent.updated > 0) void client.invalidateQueries({ queryKey: ["datasets"] });
  };
  const fields = Object.values(mapping);
  const noInput = table !== null && !table.raw && !fields.includes("input") && !fields.includes("turns");
  const complete = result !== null && result.error === null;
  return (
    <Page title={t("importTitle", { name: dataset.name })} back={{ to: `/datasets/${dataset.id}`, label: dataset.name }}>
      <div className="grid max-w-5xl gap-4">
        {!complete && <Source onText={read} onProblem={setProblem} />}
        {problem && <p role="alert" className="rounded-md bg-bad-soft px-3 py-2 text-sm text-bad">{problem}</p>}
        {table && !complete && <>
          <p role="status" className="text-sm text-muted">
            {table.raw ? t("yamlText") : t("readAs", { format: table.format, rows: t("nRows", { n: table.rows.length }), columns: t("nColumns", { n: table.columns.length }) })}
          </p>
          {!table.raw && <>
            <MappingTable table={table} mapping={mapping} onChange={setMapping} />
            {doubled(mapping).map((field) => <p key={field} role="alert" className="text-sm text-warn">{t("twice", { field: t(field) })}</p>)}
            {noInput && <p role="alert" className="text-sm font-medium text-bad">{t("noInput")}</p>}
            <Preview items={items} />
          </>}
          <div className="flex flex-wrap items-center gap-4">
            <Button variant="primary" busy={done !== null} disabled={noInput} onClick={() => void send()}>
              <FileUp aria-hidden />
              {done !== null ? t("importing", { done: number(done), n: number(items.length) }) : table.raw ? t("import") : t("start", { n: t("nItems", { n: items.length }) })}
            </Button>
            <label className="flex items-center gap-2 text-sm"><Checkbox checked={skip} onChange={(event) => setSkip(event.target.checked)} />{t("skip")}</label>
            <span className="text-xs text-muted">{t("replaces")}</span>
          </div>
        </>}
        {result && <Result result={result} dataset={dataset} onAnother={() => { setResult(null); setTable(null); }} />}
      </div>
    </Page>
  );
}

function Source({ onText, onProblem }: { onText(text: string, name?: string): Promise<void>; onProblem(text: string): void }) {
  const t = useText(datasetTexts);
  const input = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  const [name, setName] = useState("");
  const take = async (file: File | undefined) => {
    if (!file) return;
    if (file.size > LARGEST) return onProblem(t("tooLarge"));
    setName(file.name);
    await onText(await file.text(), file.name);
  };
  return (
    <div className="grid gap-4 md:grid-cols-2">
      <div
        onDragOver={(event) => { event.preventDefault(); setOver(true); }}
        onDragLeave={() => setOver(false)}
        onDrop={(event) => { event.preventDefault(); setOver(false); void take(event.dataTransfer.files[0]); }}
        className={cx("card grid place-content-center justify-items-center gap-2 border-dashed p-6 text-center", over && "border-accent bg-accent-soft/50")}
      >
        <FileUp aria-hidden className="size-6 text-muted" />
        <p className="text-sm font-medium">{name || t("drop")}</p>
        <p className="text-xs text-muted">{t("formats")}</p>
        <input ref={input} type="file" aria-label={t("choose")} accept=".csv,.tsv,.txt,.json,.jsonl,.ndjson,.yaml,.yml" className="sr-only" tabIndex={-1} onChange={(event) => { void take(event.target.files?.[0]); event.target.value = ""; }} />
        <Button size="sm" onClick={() => input.current?.click()}>{t("choose")}</Button>
      </div>
      <Field label={t("orPaste")}>
        <Textarea rows={6} spellCheck={false} placeholder={t("pasteHere")} className="max-h-48 font-mono text-xs" onChange={(event) => { setName(""); void onText(event.target.value); }} />
      </Field>
    </div>
  );
}

function Result({ result, dataset, onAnother }: { result: Imported; dataset: Dataset; onAnother(): void }) {
  const t = useText(datasetTexts);
  const any = result.created + result.updated > 0;
  const ref = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // It comes below a long page. Newer browsers return a promise, which is no way to end an effect.
    void ref.current?.scrollIntoView({ block: "nearest" });
  }, [result]);
  return (
    <div ref={ref} className="grid gap-4" aria-live="polite">
      {(result.error === null || any) && (
        <section className="card flex flex-wrap items-center gap-3 p-4">
          <p className="flex-1 font-medium">{t("result", { created: result.created, updated: result.updated, skipped: result.skipped })}</p>
          <Button onClick={onAnother}>{t("another")}</Button>
          <ButtonLink variant="primary" to={`/datasets/${dataset.id}`}>{t("openItems")}</ButtonLink>
        </section>
      )}
      {result.error !== null && (result.faults.length === 0
        ? <ErrorState error={result.error} />
        : <p role="alert" className="text-sm font-medium text-bad">{result.faults.some((fault) => fault.row > 0) ? t(any ? "restNot" : "nothingImported") : messageOf(result.error, t("failed"))}</p>)}
      {result.faults.length > 0 && (
        <Section title={t("rowsWrong")}>
          <ul className="grid max-h-96 gap-1.5 overflow-y-auto text-sm" tabIndex={0} aria-label={t("rowsWrong")}>
            {result.faults.map((fault, index) => (
              <li key={index} className="flex gap-3">
                <span className="w-20 shrink-0 text-muted tabular-nums">{fault.row > 0 ? t("lineWrong", { n: fault.row }) : ""}</span>
                <span>{fault.field && <span className="font-mono text-xs">{fault.field} </span>}{fault.message}</span>
              </li>
            ))}
          </ul>
        </Section>
      )}
    </div>
  );
}
