import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { GitFork, RotateCcw } from "lucide-react";
import { api, type Schemas, unwrap } from "@/api/client";
import { ApiError } from "@/api/error";
import { commonTexts } from "@/features/campaigns/i18n";
import { useText } from "@/i18n";
import { Button } from "@/ui/button";
import { CodeEditor } from "@/ui/code-editor";
import { Field, FieldErrors } from "@/ui/field";
import { Select } from "@/ui/input";
import { messageOf } from "@/ui/states";
import { toast } from "@/ui/toast";
import type { Run } from "./data";
import { runTexts } from "./i18n";
import { changedFields } from "./turns";

/** The state at a checkpoint, to be changed; another run goes on from it, or this one where it waits. */
export function EditState({ run, checkpoint }: { run: Run; checkpoint: Schemas["CheckpointShown"] }) {
  const t = useText(runTexts);
  const common = useText(commonTexts);
  const navigate = useNavigate();
  const client = useQueryClient();
  const values = useMemo(() => checkpoint.values ?? {}, [checkpoint.values]);
  const [text, setText] = useState(() => JSON.stringify(values, null, 2));
  const [asNode, setAsNode] = useState("");
  const edited = useMemo(() => read(text), [text]);
  const changed = useMemo(() => (edited ? changedFields(values, edited) : {}), [edited, values]);
  const fields = Object.keys(changed);
  // Nodes that are known to this place: what ran here and what comes next.
  const nodes = [...new Set([...checkpoint.tasks.map((task) => task.node), ...checkpoint.next])];
  const change = { checkpoint: checkpoint.id, ...(fields.length > 0 ? { overwrite: changed } : {}), ...(asNode ? { as_node: asNode } : {}) };
  const path = { params: { path: { id: run.run_id } } };
  const go = (next: Run) => {
    toast(t("forked"));
    void client.invalidateQueries({ queryKey: ["runs", "forks", run.run_id] });
    void navigate({ to: `/runs/${next.run_id}` });
  };
  const fork = useMutation({ mutationFn: () => unwrap(api.POST("/api/v1/runs/{id}/fork", { ...path, body: change as never })), onSuccess: go });
  const replay = useMutation({ mutationFn: () => unwrap(api.POST("/api/v1/runs/{id}/replay", { ...path, body: { checkpoint: checkpoint.id } })), onSuccess: go });
  const save = useMutation({
    mutationFn: () => unwrap(api.POST("/api/v1/runs/{id}/state", { ...path, body: change as never })),
    onSuccess: () => {
      toast(t("stateSaved"));
      void client.invalidateQueries({ queryKey: ["runs"] });
    },
  });
  const error = fork.error ?? replay.error ?? save.error;
  const errors = error instanceof ApiError ? error.fields : new Map<string, string>();
  const waits = run.status === "waiting_for_person" || run.status === "paused";
  return (
    <FieldErrors value={errors}>
      <div className="grid gap-3">
        <Field label={t("state")} pointer="/overwrite" hint={edited ? t("editHint") : t("badJson")}>
          <CodeEditor language="json" label={t("state")} value={text} onChange={setText} height={360} />
        </Field>
        <p role="status" className="text-sm text-muted">{fields.length > 0 ? t("editedFields", { fields: fields.join(", ") }) : t("nothingEdited")}</p>
        <Field label={t("asNode")} pointer="/as_node" hint={t("asNodeHint")} className="max-w-xs">
          <Select value={asNode} onChange={(event) => setAsNode(event.target.value)}>
            <option value="">–</option>
            {nodes.map((node) => <option key={node} value={node}>{node}</option>)}
          </Select>
        </Field>
        {error && (errors.size === 0 || ![...errors.keys()].every((at) => /^\/(overwrite|as_node)/.test(at))) && <p role="alert" className="text-sm text-bad">{messageOf(error, common("failedAct"))} {[...errors].map(([at, text]) => `${at}: ${text}`).join("; ")}</p>}
        <div className="flex flex-wrap gap-2">
          <Button variant="primary" busy={fork.isPending} disabled={!edited} onClick={() => fork.mutate()}><GitFork aria-hidden />{t("fork")}</Button>
          <Button busy={replay.isPending} disabled={fields.length > 0} onClick={() => replay.mutate()}><RotateCcw aria-hidden />{t("replay")}</Button>
          {waits && <Button busy={save.isPending} disabled={!edited || fields.length === 0} onClick={() => save.mutate()}>{t("saveState")}</Button>}
        </div>
      </div>
    </FieldErrors>
  );
}

function read(text: string): Record<string, unknown> | null {
  try {
    const found: unknown = JSON.parse(text);
    return typeof found === "object" && found !== null && !Array.isArray(found) ? (found as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
