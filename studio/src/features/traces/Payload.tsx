import { useDeferredValue, useMemo, useState } from "react";
import { useText } from "@/i18n";
import { cx } from "@/lib/cx";
import { bytes } from "@/lib/format";
import { preference } from "@/lib/preference";
import { Button } from "@/ui/button";
import { CopyButton } from "@/ui/copy";
import { SearchInput } from "@/ui/input";
import { JsonView, Marked } from "@/ui/json-view";
import { Markdown } from "@/ui/markdown";
import { ChatView } from "./ChatView";
import { chatOf, mediaOf, textParts, unpacked } from "@/lib/chat";
import { MediaFile } from "./Media";
import { detailTexts } from "./trace-i18n";

const MODES = ["formatted", "json", "text"] as const;
const mode = preference<(typeof MODES)[number]>("assay.payload", MODES, () => "formatted");

/** How a payload is shown; the choice holds for all of them. */
export function PayloadMode() {
  const t = useText(detailTexts);
  const chosen = mode.use();
  return (
    <div role="group" aria-label={t("showAs")} className="inline-flex rounded-md border border-line p-px">
      {MODES.map((one) => (
        <button
          key={one} type="button" aria-pressed={chosen === one} onClick={() => mode.set(one)}
          className={cx("h-6 rounded-sm px-2 text-xs font-medium text-muted hover:text-ink", chosen === one && "bg-accent-soft text-accent-strong")}
        >
          {t(one)}
        </button>
      ))}
    </div>
  );
}

/** What went in or came out: a conversation, Markdown, or JSON, folded where it is large. */
export function Payload({ title, value }: { title: string; value: unknown }) {
  const t = useText(detailTexts);
  const chosen = mode.use();
  const empty = value === null || value === undefined || value === "";
  return (
    <section aria-label={title} className="grid gap-1.5">
      <header className="flex min-h-7 items-center gap-2">
        <h3 className="text-sm font-semibold">{title}</h3>
        {empty ? <span className="text-sm text-muted">{t("nothing")}</span> : chosen !== "json" && <CopyButton text={typeof value === "string" ? value : JSON.stringify(value, null, 2)} />}
      </header>
      {!empty && (chosen === "formatted" ? <Formatted title={title} value={value} /> : chosen === "json" ? <JsonView label={title} value={unpacked(value)} open={3} /> : <PlainText value={value} />)}
    </section>
  );
}

function Formatted({ title, value }: { title: string; value: unknown }) {
  const chat = useMemo(() => chatOf(value), [value]);
  if (chat) return <ChatView chat={chat} />;
  const plain = unpacked(value);
  if (typeof plain === "string") {
    return (
      <div className="card grid gap-2 px-3 py-2 text-sm">
        {textParts(plain).map((part, at) => (part.type === "text" ? <LongText key={at} text={part.text} /> : part.type === "media" ? <MediaFile key={at} id={part.id} mime={part.mime} /> : null))}
      </div>
    );
  }
  if (Array.isArray(plain) && plain.length > 0 && plain.every((one) => typeof one === "string")) {
    return <ol className="card divide-y divide-line">{(plain as string[]).map((one, at) => <li key={at} className="px-3 py-2 text-sm"><LongText text={one} /></li>)}</ol>;
  }
  const files = mediaOf(plain);
  return (
    <div className="grid gap-2">
      {files.map((file) => <MediaFile key={file.id} {...file} />)}
      <JsonView label={title} value={plain} open={3} />
    </div>
  );
}

/** Longer texts are cut until somebody asks for all of them: rendering Markdown of a megabyte takes seconds. */
const LONG = 4000;
/** Beyond this it stays plain. */
const TOO_LONG = 200_000;

/** Markdown of any length. */
export function LongText({ text }: { text: string }) {
  const t = useText(detailTexts);
  const [all, setAll] = useState(false);
  if (text.length <= LONG) return <Markdown text={text} />;
  return (
    <div className="grid gap-1">
      {all ? (text.length > TOO_LONG ? <pre className="font-mono text-xs wrap-anywhere whitespace-pre-wrap">{text}</pre> : <Markdown text={text} />) : <Markdown text={`${text.slice(0, LONG)}…`} />}
      <div><Button variant="ghost" size="sm" className="px-0" onClick={() => setAll(!all)}>{all ? t("showLess") : t("showAll", { size: bytes(text.length) })}</Button></div>
    </div>
  );
}

function PlainText({ value }: { value: unknown }) {
  const t = useText(detailTexts);
  const text = useMemo(() => (typeof value === "string" ? value : JSON.stringify(value, null, 2)), [value]);
  const [typed, setTyped] = useState("");
  const [all, setAll] = useState(false);
  const query = useDeferredValue(typed.trim().toLowerCase());
  const count = useMemo(() => (query ? text.toLowerCase().split(query).length - 1 : 0), [text, query]);
  const cut = !all && !query && text.length > LONG;
  return (
    <div className="card overflow-hidden">
      {text.length > 400 && (
        <div className="flex items-center gap-2 border-b border-line px-2 py-1.5">
          <SearchInput label={t("searchText")} className="w-56" value={typed} onChange={(event) => setTyped(event.target.value)} />
          {query && <span role="status" className="text-xs text-muted">{t("matches", { n: count })}</span>}
        </div>
      )}
      <pre className="max-h-[32rem] overflow-auto p-3 font-mono text-xs wrap-anywhere whitespace-pre-wrap" tabIndex={0}><Marked text={cut ? `${text.slice(0, LONG)}…` : text} query={query} /></pre>
      {cut && <div className="border-t border-line p-1"><Button variant="ghost" size="sm" onClick={() => setAll(true)}>{t("showAll", { size: bytes(text.length) })}</Button></div>}
    </div>
  );
}
