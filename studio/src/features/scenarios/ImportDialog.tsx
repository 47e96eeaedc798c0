import { useMutation } from "@tanstack/react-query";
import { type ChangeEvent, useRef, useState } from "react";
import { FileUp } from "lucide-react";
import { api, unwrap } from "@/api/client";
import { useText } from "@/i18n";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { Sheet } from "@/ui/dialog";
import { Field } from "@/ui/field";
import { Textarea } from "@/ui/input";
import { messageOf } from "@/ui/states";
import { scenarioTexts } from "./i18n";
import type { ScenarioSpec } from "./kind";

interface Found { scenario: ScenarioSpec; notes: readonly { at: string; message: string; node?: string | null }[] }

/** Reads a scenario that was exported, or has the server read a graph of another editor. Nothing is kept by it. */
export function ImportDialog({ open, onClose, onImport }: { open: boolean; onClose(): void; onImport(spec: ScenarioSpec): void }) {
  const t = useText(scenarioTexts);
  const [text, setText] = useState("");
  const file = useRef<HTMLInputElement>(null);
  const value = parsed(text);
  const read = useMutation({
    mutationFn: async (source: Record<string, unknown>): Promise<Found> => {
      const own = ownOf(source);
      if (own) return { scenario: own, notes: [] };
      return (await unwrap(api.POST("/api/v1/scenarios/import", { body: { source, save: false, name: null } }))) as unknown as Found;
    },
  });
  const choose = async (event: ChangeEvent<HTMLInputElement>) => {
    const chosen = event.target.files?.[0];
    if (!chosen) return;
    read.reset();
    setText(await chosen.text());
  };
  const found = read.data;
  return (
    <Sheet
      open={open}
      onClose={onClose}
      title={t("importTitle")}
      description={t("importText")}
      actions={<>
        <Button onClick={onClose}>{t("close")}</Button>
        {found
          ? <Button variant="primary" onClick={() => onImport(found.scenario)}>{t("importUse")}</Button>
          : <Button variant="primary" busy={read.isPending} disabled={!value} onClick={() => value && read.mutate(value)}>{t("importRead")}</Button>}
      </>}
    >
      <div className="grid gap-4">
        <div>
          <input ref={file} type="file" accept=".json,application/json" className="sr-only" tabIndex={-1} aria-label={t("importFile")} onChange={(event) => void choose(event)} />
          <Button onClick={() => file.current?.click()}><FileUp aria-hidden />{t("importFile")}</Button>
        </div>
        <Field label={t("importPaste")} hint={text.trim() && !value ? t("notJson") : undefined}>
          <Textarea rows={8} className="max-h-72 font-mono text-xs" spellCheck={false} value={text} onChange={(event) => { read.reset(); setText(event.target.value); }} />
        </Field>
        {read.error && <p role="alert" className="rounded-md bg-bad-soft px-3 py-2 text-sm text-bad">{messageOf(read.error, t("failed"))}</p>}
        {found && (
          <section role="status" className="grid gap-2">
            <p className="flex items-center gap-2 text-sm font-medium">{found.scenario.name}<Badge tone="good">{t("importFound", { nodes: found.scenario.graph?.nodes.length ?? 0, edges: found.scenario.graph?.edges?.length ?? 0 })}</Badge></p>
            {found.notes.length === 0 ? <p className="text-sm text-muted">{t("importClean")}</p> : <>
              <h3 className="text-sm font-medium">{t("importNotes")}</h3>
              <ul className="grid gap-1 text-sm">
                {found.notes.map((note, index) => <li key={index} className="rounded-md bg-warn-soft px-3 py-1.5 text-warn"><span className="font-mono text-xs">{note.node ?? note.at}</span> {note.message}</li>)}
              </ul>
            </>}
          </section>
        )}
      </div>
    </Sheet>
  );
}

function parsed(text: string): Record<string, unknown> | null {
  try {
    const value = JSON.parse(text) as unknown;
    return value !== null && typeof value === "object" && !Array.isArray(value) ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

/** A scenario as it is exported here: its course is in the fields of the API. */
function ownOf(source: Record<string, unknown>): ScenarioSpec | null {
  const graph = source.graph as { nodes?: { does?: unknown }[] } | undefined;
  const isOwn = Array.isArray(source.script) || (Array.isArray(graph?.nodes) && graph.nodes.every((node) => node.does)) || ("goal" in source && "persona" in source);
  return isOwn ? (source as unknown as ScenarioSpec) : null;
}
