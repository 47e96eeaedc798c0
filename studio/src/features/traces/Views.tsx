import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Bookmark, BookmarkPlus, Trash2 } from "lucide-react";
import { request, type Schemas } from "@/api/client";
import { ApiError } from "@/api/error";
import { useMay, useMe } from "@/api/me";
import { usePages } from "@/api/pages";
import { useText } from "@/i18n";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { Field, FieldErrors } from "@/ui/field";
import { Checkbox, Input } from "@/ui/input";
import { Menu, MenuItem, MenuLine } from "@/ui/menu";
import { ErrorState, Loading, messageOf } from "@/ui/states";
import { toast, toastError } from "@/ui/toast";
import type { Condition } from "./conditions";
import { traceTexts } from "./i18n";

/** A saved view. */
export type View = Schemas["View"];
type Table = View["table"];

/** The saved views of a list that the caller sees. */
export const useViews = (table: Table) => usePages<View>({ key: ["views", table], path: "/api/v1/views", query: { table } });

/** What a view is made of. */
export interface ViewContent {
  filter: Condition[];
  sort: string | null;
  columns: string[];
}

/** Saved views: open one, save what is shown, delete. */
export function Views({ table, content, onOpen }: { table: Table; content(): ViewContent; onOpen(view: View): void }) {
  const t = useText(traceTexts);
  const [dialog, setDialog] = useState<"save" | "manage" | null>(null);
  const views = useViews(table);
  const mayWrite = useMay("scores_write");
  const own = views.rows.filter((one) => one.visibility === "private");
  const shared = views.rows.filter((one) => one.visibility === "shared");
  return (
    <>
      <Menu trigger={<Button><Bookmark aria-hidden />{t("views")}</Button>}>
        {views.rows.length === 0 && <p className="px-2 py-1.5 text-sm text-muted">{t("noViews")}</p>}
        {[[t("myViews"), own], [t("sharedViews"), shared]].map(([label, list]) => (list as View[]).length > 0 && (
          <div key={label as string}>
            <p className="label px-2 pt-1.5 pb-1">{label as string}</p>
            {(list as View[]).map((view) => <MenuItem key={view.id} onSelect={() => onOpen(view)}>{view.name}</MenuItem>)}
          </div>
        ))}
        {mayWrite && <MenuLine />}
        {mayWrite && <MenuItem onSelect={() => setDialog("save")}><BookmarkPlus aria-hidden />{t("saveView")}</MenuItem>}
        {mayWrite && views.rows.length > 0 && <MenuItem onSelect={() => setDialog("manage")}><Trash2 aria-hidden />{t("manageViews")}</MenuItem>}
      </Menu>
      {dialog === "save" && <SaveView table={table} content={content()} onClose={() => setDialog(null)} />}
      {dialog === "manage" && <ManageViews table={table} onClose={() => setDialog(null)} />}
    </>
  );
}

function SaveView({ table, content, onClose }: { table: Table; content: ViewContent; onClose(): void }) {
  const t = useText(traceTexts);
  const client = useQueryClient();
  const [name, setName] = useState("");
  const [shared, setShared] = useState(false);
  const [first, setFirst] = useState(false);
  const save = useMutation({
    mutationFn: () => request<View>("POST", "/api/v1/views", {
      body: { table, name, visibility: shared ? "shared" : "private", default: first, filter: content.filter, sort: content.sort, columns: content.columns },
    }),
    onSuccess: async ({ data }) => {
      toast(t("viewSaved", { name: data.name }));
      await client.invalidateQueries({ queryKey: ["views", table] });
      onClose();
    },
  });
  const fields = save.error instanceof ApiError ? save.error.fields : new Map<string, string>();
  return (
    <Dialog
      open onClose={onClose} title={t("saveView")} description={t("viewHint")}
      actions={<><Button onClick={onClose}>{t("cancel")}</Button><Button variant="primary" busy={save.isPending} onClick={() => save.mutate()}>{t("save")}</Button></>}
    >
      <FieldErrors value={fields}>
        <form className="grid gap-3" onSubmit={(event) => { event.preventDefault(); save.mutate(); }}>
          <Field label={t("viewName")} pointer="/name" required><Input autoFocus value={name} onChange={(event) => setName(event.target.value)} /></Field>
          <label className="flex items-center gap-2 text-sm"><Checkbox checked={shared} onChange={(event) => setShared(event.target.checked)} />{t("viewShared")}</label>
          <label className="flex items-center gap-2 text-sm"><Checkbox checked={first} onChange={(event) => setFirst(event.target.checked)} />{t("viewDefault")}</label>
          {save.error && !fields.has("/name") && <p role="alert" className="text-sm text-bad">{messageOf(save.error, t("failed"))}</p>}
        </form>
      </FieldErrors>
    </Dialog>
  );
}

function ManageViews({ table, onClose }: { table: Table; onClose(): void }) {
  const t = useText(traceTexts);
  const me = useMe();
  const client = useQueryClient();
  const views = useViews(table);
  const own = me.user?.id ?? me.key?.id;
  const refresh = () => client.invalidateQueries({ queryKey: ["views", table] });
  const remove = useMutation({
    mutationFn: (view: View) => request("DELETE", `/api/v1/views/${view.id}`),
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
      {views.error ? <ErrorState error={views.error} onRetry={() => void views.refetch()} /> : views.isPending ? <Loading rows={3} /> : views.rows.length === 0 ? <p className="text-sm text-muted">{t("noViews")}</p> : (
        <ul className="divide-y divide-line">
          {views.rows.map((view) => (
            <li key={view.id} className="flex items-center gap-3 py-2 text-sm">
              <span className="min-w-0 flex-1 truncate">{view.name}{view.visibility === "shared" && <span className="text-muted"> · {t("sharedViews")}</span>}</span>
              {(view.owner_id === own || me.permissions.includes("workspace_manage")) && (
                <Button variant="ghost" size="icon-sm" aria-label={t("deleteView", { name: view.name })} busy={remove.isPending} onClick={() => remove.mutate(view)}><Trash2 aria-hidden /></Button>
              )}
            </li>
          ))}
        </ul>
      )}
    </Dialog>
  );
}
