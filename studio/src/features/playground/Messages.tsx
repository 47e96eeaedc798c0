import { type Dispatch } from "react";
import { ArrowDown, ArrowUp, ListPlus, Plus, Wrench, X } from "lucide-react";
import type { Model } from "@/features/models/kind";
import { Picture } from "@/features/traces/Media";
import { useText } from "@/i18n";
import { cx } from "@/lib/cx";
import { Button } from "@/ui/button";
import { useFieldError } from "@/ui/field";
import { Input, Textarea } from "@/ui/input";
import { playgroundTexts } from "./i18n";
import { type Action, newId, said } from "./state";
import { type Content, type Entry, isPlace, type Panel, type Role, ROLES, type Said } from "./types";

const EDGE: Record<Role, string> = { system: "border-l-warn", user: "border-l-info", assistant: "border-l-accent", tool: "border-l-copper" };

/** The conversation, to be changed at any place. */
export function Messages({ panel, model, dispatch }: { panel: Panel; model: Model | null; dispatch: Dispatch<Action> }) {
  const t = useText(playgroundTexts);
  const wrong = useFieldError("/messages");
  const last = panel.entries.findLast((entry): entry is Said => !isPlace(entry));
  const add = (entry: Entry) => dispatch({ do: "append", panel: panel.id, entries: [entry] });
  // These are asked without tools, so that the platform leaves out what tools said.
  const withoutTools = (model?.provider === "anthropic" || model?.provider === "gemini") && panel.entries.some((entry) => !isPlace(entry) && (entry.role === "tool" || entry.calls));
  return (
    <div role="group" aria-label={t("conversation")} className="grid grid-cols-1 gap-2">
      {panel.entries.map((entry, index) => <EntryView key={entry.id} entry={entry} n={index + 1} count={panel.entries.length} panel={panel.id} dispatch={dispatch} />)}
      {panel.entries.length === 0 && <p className="text-sm text-muted">{t("noMessages")}</p>}
      {wrong && <p role="alert" className="text-xs font-medium text-bad">{wrong}</p>}
      {withoutTools && <p className="text-xs text-muted">{t("toolsLeftOut")}</p>}
      <div className="flex flex-wrap gap-2">
        <Button size="sm" onClick={() => add(said(last?.role === "user" ? "assistant" : "user"))}><Plus aria-hidden />{t("addMessage")}</Button>
        <Button size="sm" variant="ghost" onClick={() => add({ id: newId(), place: "history" })}><ListPlus aria-hidden />{t("addPlace")}</Button>
      </div>
    </div>
  );
}

function EntryView({ entry, n, count, panel, dispatch }: { entry: Entry; n: number; count: number; panel: string; dispatch: Dispatch<Action> }) {
  const t = useText(playgroundTexts);
  const wrong = useFieldError(`/entries/${entry.id}`);
  const change = (to: Partial<Said> & { place?: string }) => dispatch({ do: "change", panel, entry: entry.id, to });
  const move = (by: -1 | 1) => dispatch({ do: "move", panel, entry: entry.id, by });
  return (
    <div role="group" aria-label={t("message", { n })} className={cx("grid grid-cols-1 gap-1.5 rounded-md border border-l-3 border-line p-2", isPlace(entry) ? "border-dashed" : EDGE[entry.role], wrong && "border-bad")}>
      <div className="flex items-center gap-1">
        {isPlace(entry)
          ? <span className="label px-1">{t("place")}</span>
          : (
            <select aria-label={t("role", { n })} className="h-7 rounded-sm bg-transparent px-1 text-xs font-semibold text-muted hover:bg-sunken hover:text-ink" value={entry.role} onChange={(event) => change({ role: event.target.value as Role })}>
              {ROLES.map((role) => <option key={role} value={role}>{role}</option>)}
            </select>
          )}
        <span className="ml-auto" />
        <Button variant="ghost" size="icon-sm" aria-label={t("up", { n })} disabled={n === 1} onClick={() => move(-1)}><ArrowUp aria-hidden /></Button>
        <Button variant="ghost" size="icon-sm" aria-label={t("down", { n })} disabled={n === count} onClick={() => move(1)}><ArrowDown aria-hidden /></Button>
        <Button variant="ghost" size="icon-sm" aria-label={t("remove", { n })} onClick={() => dispatch({ do: "drop", panel, entry: entry.id })}><X aria-hidden /></Button>
      </div>
      {isPlace(entry)
        ? <Input aria-label={t("placeName", { n })} value={entry.place} onChange={(event) => change({ place: event.target.value })} />
        : <>
          <ContentField content={entry.content} label={t("text", { n })} invalid={wrong !== undefined} onChange={(content) => change({ content })} />
          {entry.calls?.map((call, at) => (
            <details key={at} className="rounded-md bg-sunken px-2 py-1 text-xs">
              <summary className="truncate"><Wrench aria-hidden className="mr-1 inline size-3.5 text-copper" /><span className="font-mono font-medium">{call.name}</span></summary>
              <pre className="mt-1 font-mono break-words whitespace-pre-wrap">{JSON.stringify(call.input_parameters ?? {}, null, 2)}</pre>
              <Button variant="ghost" size="sm" onClick={() => change({ calls: entry.calls?.filter((_, other) => other !== at) ?? [] })}><X aria-hidden />{t("removeCall", { name: call.name })}</Button>
            </details>
          ))}
        </>}
      {wrong && <p role="alert" className="text-xs font-medium text-bad">{wrong}</p>}
    </div>
  );
}

/** A text; where pictures stand in it, its pieces one below the other, each picture where it was. */
function ContentField({ content, label, invalid, onChange }: { content: Content; label: string; invalid: boolean; onChange(content: Content): void }) {
  const t = useText(playgroundTexts);
  const area = (value: string, name: string, put: (value: string) => void, key?: number) => (
    <Textarea key={key} rows={2} className="max-h-[28rem] min-h-9 text-sm" aria-label={name} aria-invalid={invalid || undefined} value={value} onChange={(event) => put(event.target.value)} />
  );
  if (typeof content === "string") return area(content, label, onChange);
  const without = (at: number) => {
    const rest = content.filter((_, other) => other !== at);
    const texts = rest.flatMap((part) => (part.type === "text" ? [part.text] : []));
    // With the last picture gone it is a text again.
    onChange(texts.length === rest.length ? texts.join("\n") : rest);
  };
  return content.map((part, at) => (part.type === "text"
    ? area(part.text, `${label}, ${at + 1}`, (text) => onChange(content.map((one, other) => (other === at ? { type: "text" as const, text } : one))), at)
    : (
      <div key={at} className="flex items-start gap-2">
        <div className="min-w-0 flex-1 [&_img]:max-h-40"><Picture url={part.image_url.url} /></div>
        <Button variant="ghost" size="icon-sm" aria-label={t("removePicture", { n: at + 1 })} onClick={() => without(at)}><X aria-hidden /></Button>
      </div>
    )));
}
