import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Pencil, Trash2 } from "lucide-react";
import { request } from "@/api/client";
import { ApiError } from "@/api/error";
import { useMe } from "@/api/me";
import { useText } from "@/i18n";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { Field, FieldErrors } from "@/ui/field";
import { Checkbox, Input } from "@/ui/input";
import { ErrorState, Loading, messageOf } from "@/ui/states";
import { toast, toastError } from "@/ui/toast";
import { traceTexts } from "./i18n";
import { changeView, useMayChangeView, useViews, type View, type ViewContent, type ViewTable } from "./views-data";

/** The views of a list: renamed, shared, made to hold what is shown now, deleted. */
export function ManageViews({ table, content, onClose }: { table: ViewTable; content: ViewContent; onClose(): void }) {
  const t = useText(traceTexts);
  const client = useQueryClient();
  const views = useViews(table);
  const mayChange = useMayChangeView();
  const [edited, setEdited] = useState("");
  const refresh = () => client.invalidateQueries({ queryKey: ["views", table] });
  const remove = useMutation({
    mutationFn: (view: View) => request("DELETE", `/api/v1/views/${view.id}`, { headers: { "if-match": `"v${view.version}"` } }),
    onSuccess: async (_, view) => {
      const { name, visibility, filter, sort, columns } = view;
      const restore = async () => {
        try {
          await request("POST", "/api/v1/views", { body: { table, name, visibility, default: view.default, filter, sort, columns } });
        } catch (error) {
          toastError(messageOf(error, t("failed")));
        }
        await refresh();
      };
      toast(t("viewDeleted", { name }), { undo: () => void restore() });
      await refresh();
    },
    onError: (error) => toastError(messageOf(error, t("failed"))),
  });
  return (
    <Dialog open onClose={onClose} title={t("manageViews")} actions={<Button onClick={onClose}>{t("close")}</Button>}>
      {views.error && views.rows.length === 0 ? <ErrorState error={views.error} onRetry={() => void views.refetch()} /> : views.isPending ? <Loading rows={3} /> : views.rows.length === 0 ? <p className="text-sm text-muted">{t("noViews")}</p> : (
        <ul className="divide-y divide-line">
          {views.rows.map((view) => (edited === view.id ? (
            <li key={view.id} className="py-3"><EditView view={view} content={content} onDone={() => setEdited("")} /></li>
          ) : (
            <li key={view.id} className="flex items-center gap-2 py-1.5 text-sm">
              <span className="min-w-0 flex-1 truncate font-medium">{view.name}</span>
              {view.default && <Badge tone="accent">{t("viewIsDefault")}</Badge>}
              {view.visibility === "shared" && <Badge>{t("sharedViews")}</Badge>}
              {mayChange(view) && <>
                <Button variant="ghost" size="icon-sm" aria-label={t("editView", { name: view.name })} onClick={() => setEdited(view.id)}><Pencil aria-hidden /></Button>
                <Button variant="ghost" size="icon-sm" aria-label={t("deleteView", { name: view.name })} busy={remove.isPending} onClick={() => remove.mutate(view)}><Trash2 aria-hidden /></Button>
              </>}
            </li>
          )))}
        </ul>
      )}
    </Dialog>
  );
}

function EditView({ view, content, onDone }: { view: View; content: ViewContent; onDone(): void }) {
  const t = useText(traceTexts);
  const me = useMe();
  const client = useQueryClient();
  const [name, setName] = useState(view.name);
  const [shared, setShared] = useState(view.visibility === "shared");
  const [first, setFirst] = useState(view.default);
  const [taken, setTaken] = useState(false);
  const save = useMutation({
    mutationFn: () => changeView(view, { name, visibility: shared ? "shared" : "private", default: first, ...(taken ? content : {}) }),
    onSuccess: async ({ data }) => {
      toast(t("viewSaved", { name: data.name }));
      await client.invalidateQueries({ queryKey: ["views", view.table] });
      onDone();
    },
  });
  const fields = save.error instanceof ApiError ? save.error.fields : new Map<string, string>();
  // What the workspace begins with is said by whoever manages it.
  const mayBegin = !shared || first || me.permissions.includes("workspace_manage");
  return (
    <FieldErrors value={fields}>
      <form aria-label={t("editView", { name: view.name })} className="grid gap-2.5" onSubmit={(event) => { event.preventDefault(); save.mutate(); }}>
        <Field label={t("viewName")} pointer="/name" required><Input autoFocus value={name} onChange={(event) => setName(event.target.value)} /></Field>
        <label className="flex items-center gap-2 text-sm"><Checkbox checked={shared} onChange={(event) => setShared(event.target.checked)} />{t("viewShared")}</label>
        {mayBegin && <label className="flex items-center gap-2 text-sm"><Checkbox checked={first} onChange={(event) => setFirst(event.target.checked)} />{t("viewDefault")}</label>}
        <label className="flex items-center gap-2 text-sm"><Checkbox checked={taken} onChange={(event) => setTaken(event.target.checked)} />{t("viewTake")}</label>
        {save.error && !fields.has("/name") && <p role="alert" className="text-sm text-bad">{messageOf(save.error, t("failed"))}</p>}
        <div className="flex gap-2"><Button type="submit" size="sm" variant="primary" busy={save.isPending}>{t("save")}</Button><Button size="sm" onClick={onDone}>{t("cancel")}</Button></div>
      </form>
    </FieldErrors>
  );
}
