import { useText } from "@/i18n";
import { contentText } from "@/lib/content";
import { cx } from "@/lib/cx";
import { Markdown } from "@/ui/markdown";
import { runTexts } from "../i18n-run";
import type { Run } from "./data";

/** What was said, and what an agent that streams is saying. */
export function Talk({ messages, said }: { messages: Run["messages"]; said?: string | undefined }) {
  const t = useText(runTexts);
  if (messages.length === 0 && !said) return <p className="text-sm text-muted">{t("noTalk")}</p>;
  const names: Record<string, string> = { user: t("userSays"), assistant: t("agentSays"), system: t("systemSays") };
  return (
    <ol aria-label={t("talkTab")} className="grid gap-3">
      {messages.map((message, index) => (
        <li key={index} className={cx("grid gap-1 rounded-lg px-3 py-2", message.role === "user" ? "mr-6 bg-sunken" : "ml-6 border border-line bg-raised")}>
          <span className="label">{names[message.role] ?? message.role}</span>
          <div className="text-sm wrap-anywhere"><Markdown text={contentText(message.content, t("picture"))} /></div>
          {message.tool_calls?.map((call, at) => <span key={at} className="font-mono text-2xs break-all text-muted">{call.name} {JSON.stringify(call.input_parameters ?? {})}</span>)}
        </li>
      ))}
      {said && <li className="ml-6 rounded-lg border border-line bg-raised px-3 py-2 text-sm" aria-live="polite">{said}▍</li>}
    </ol>
  );
}
