import { useState } from "react";
import { Wrench } from "lucide-react";
import { useText } from "@/i18n";
import { cx } from "@/lib/cx";
import { Button } from "@/ui/button";
import { JsonView } from "@/ui/json-view";
import { type Chat, type Message, type Part, unpacked } from "@/lib/chat";
import { MediaFile, Picture } from "./Media";
import { LongText } from "./Payload";
import { detailTexts } from "./trace-i18n";

const LOOK: Record<string, string> = {
  user: "border-l-info", assistant: "border-l-accent", system: "border-l-warn bg-sunken/50", developer: "border-l-warn bg-sunken/50", tool: "border-l-copper", function: "border-l-copper",
};
/** Long conversations begin with their end in sight. */
const SHOWN = 40;

/** Messages, one below the other, each with who said it. */
export function ChatView({ chat }: { chat: Chat }) {
  const t = useText(detailTexts);
  const [all, setAll] = useState(false);
  const hidden = all ? 0 : Math.max(0, chat.messages.length - SHOWN);
  return (
    <div className="grid gap-2">
      {hidden > 0 && <div><Button size="sm" onClick={() => setAll(true)}>{t("showAll", { size: String(chat.messages.length) })}</Button></div>}
      <ol className="card divide-y divide-line overflow-hidden">
        {chat.messages.slice(hidden).map((message, at) => <MessageView key={at + hidden} message={message} />)}
      </ol>
      {chat.rest && (
        <details className="text-sm">
          <summary className="text-xs font-medium text-muted">{t("beside")}</summary>
          <div className="pt-1.5"><JsonView value={chat.rest} open={1} search={false} /></div>
        </details>
      )}
    </div>
  );
}

function MessageView({ message }: { message: Message }) {
  const t = useText(detailTexts);
  return (
    <li className={cx("grid gap-1.5 border-l-3 border-l-line px-3 py-2 text-sm", LOOK[message.role])}>
      <span className="label">{message.role}{message.name && ` · ${message.name}`}</span>
      {message.parts.map((part, at) => <PartView key={at} part={part} />)}
      {message.calls.map((call, at) => (
        <div key={at} className="grid gap-1">
          <span className="flex items-center gap-1.5 text-xs font-medium text-copper"><Wrench aria-hidden className="size-3.5" />{t("calls", { name: call.name })}</span>
          {call.input !== undefined && call.input !== null && <JsonView value={call.input} open={2} search={false} />}
        </div>
      ))}
    </li>
  );
}

function PartView({ part }: { part: Part }) {
  if (part.type === "text") {
    // What a tool answers is mostly JSON in a text.
    const value = unpacked(part.text);
    return typeof value === "string" ? <LongText text={value} /> : <JsonView value={value} open={2} search={false} />;
  }
  if (part.type === "image") return <Picture url={part.url} />;
  if (part.type === "media") return <MediaFile id={part.id} mime={part.mime} />;
  return <JsonView value={part.value} open={1} search={false} />;
}
