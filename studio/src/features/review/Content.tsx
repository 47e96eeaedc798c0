import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { Quote } from "lucide-react";
import type { Schemas } from "@/api/client";
import { useText } from "@/i18n";
import { type Content as MessageBody, isOwnPicture } from "@/lib/content";
import { cx } from "@/lib/cx";
import { Badge } from "@/ui/badge";
import { JsonView } from "@/ui/json-view";
import { Markdown } from "@/ui/markdown";
import { reviewTexts } from "./i18n";
import { type Seen, type Subject, useRun } from "./queue";

type Message = Schemas["Message"];

/** What an item is about: the conversation of a run, or what went in and came out. */
export function Content({ subject, seen }: { subject: Subject; seen: Seen | null }) {
  const t = useText(reviewTexts);
  const run = useRun(subject.type === "run" ? subject.run_id : null);
  if (!seen) return <p className="card p-4 text-sm text-muted">{t("gone")}</p>;
  const messages = run.data?.messages;
  return (
    <div className="grid gap-3">
      {messages && messages.length > 0 ? <Conversation messages={messages} /> : (
        <>
          {Array.isArray(seen.turns)
            ? seen.turns.map((turn, index) => <Part key={index} title={t("turn", { n: index + 1 })}><Markdown text={turn} /></Part>)
            : <Part title={t("input")}><Value value={seen.input} /></Part>}
          {seen.output !== undefined && <Part title={t("output")} strong><Value value={seen.output} /></Part>}
        </>
      )}
      {seen.expected_output && <Part title={t("expectedOutput")}><Markdown text={seen.expected_output} /></Part>}
      {seen.trace_id && <p className="text-xs"><Link to={`/traces/${seen.trace_id}`} className="font-medium text-accent hover:underline">{t("openTrace")}</Link></p>}
    </div>
  );
}

const Part = ({ title, strong, children }: { title: ReactNode; strong?: boolean; children: ReactNode }) => (
  <section className={cx("card p-3", strong && "border-l-2 border-l-accent")}>
    <h3 className="label mb-1">{title}</h3>
    {children}
  </section>
);

/** A text as Markdown, anything else as JSON. */
function Value({ value }: { value: unknown }) {
  if (value === null || value === undefined) return <p className="text-muted">–</p>;
  return typeof value === "string" ? <Markdown text={value} /> : <JsonView value={value} search={false} />;
}

function Conversation({ messages }: { messages: readonly Message[] }) {
  const t = useText(reviewTexts);
  let turn = 0;
  return (
    <ol aria-label={t("conversation")} className="grid gap-2.5">
      {messages.map((message, index) => {
        if (message.role === "user") turn += 1;
        const mine = message.role === "assistant";
        return (
          <li key={index} className={cx("card min-w-0 p-3", mine ? "ml-6 border-l-2 border-l-accent" : message.role === "user" ? "mr-6" : "bg-sunken")}>
            <h3 className="label mb-1 flex items-center gap-2">
              {t(message.role)}
              {message.role === "user" && <span className="font-normal">{t("turn", { n: turn })}</span>}
            </h3>
            <MessageText content={message.content} />
            {(message.tool_calls?.length ?? 0) > 0 && (
              <details className="mt-2 text-sm">
                <summary className="text-muted">{t("toolCalls", { n: message.tool_calls?.length ?? 0 })}: {message.tool_calls?.map((call) => call.name).join(", ")}</summary>
                <div className="mt-1"><JsonView value={message.tool_calls} search={false} /></div>
              </details>
            )}
            {(message.retrieval_context?.length ?? 0) > 0 && (
              <details className="mt-2 text-sm">
                <summary className="text-muted"><Quote aria-hidden className="mr-1 inline size-3" />{t("retrieved", { n: message.retrieval_context?.length ?? 0 })}</summary>
                <ul className="mt-1 grid gap-1.5">{message.retrieval_context?.map((text, at) => <li key={at} className="rounded-md bg-sunken p-2"><MessageText content={text} /></li>)}</ul>
              </details>
            )}
          </li>
        );
      })}
    </ol>
  );
}

function MessageText({ content }: { content: MessageBody }) {
  const t = useText(reviewTexts);
  if (typeof content === "string") return content ? <Markdown text={content} /> : <p className="text-muted">–</p>;
  return (
    <div className="grid gap-2">
      {content.map((part, index) => {
        if (part.type === "text") return <Markdown key={index} text={part.text} />;
        // Only what is in the page itself is shown: nothing is fetched from elsewhere.
        return isOwnPicture(part.image_url.url)
          ? <img key={index} src={part.image_url.url} alt={t("image")} className="max-h-80 max-w-full rounded-md border border-line" />
          : <Badge key={index}>{t("image")}: {part.image_url.url}</Badge>;
      })}
    </div>
  );
}
