import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Bookmark, BookmarkPlus, RefreshCcw, Settings2 } from "lucide-react";
import { request } from "@/api/client";
import { ApiError } from "@/api/error";
import { useMay, useMe } from "@/api/me";
import { useText } from "@/i18n";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { Field, FieldErrors } from "@/ui/field";
import { Checkbox, Input } from "@/ui/input";
import { Menu, MenuItem, MenuLine } from "@/ui/menu";
import { messageOf } from "@/ui/states";
import { toast, toastError } from "@/ui/toast";
import { traceTexts } from "./i18n";
import { ManageViews } from "./ManageViews";
import { changeView, holds, useMayChangeView, useViews, type View, type ViewContent, type ViewTable } from "./views-data";

/** Saved views: open one, save what is shown, put it into the one that is open, manage them. */
export function Views({ table, chosen, content, onOpen }: {
  table: ViewTable;
  /** The view that is open. */
  chosen: View | undefined;
  content(): ViewContent;
  onOpen(view: View): void;
}) {
  const t = useText(traceTexts);
  const [dialog, setDialog] = useState<"save" | "manage" | null>(null);
  const views = useViews(table);
  const mayWrite = useMay("scores_write");
  const mayChange = useMayChangeView();
  const update = useUpdate(table);
  const own = views.rows.filter((one) => one.visibility === "private");
  const shared = views.rows.filter((one) => one.visibility === "shared");
  const differs = chosen !== undefined && !holds(chosen, content());
  return (
    <>
      <Menu trigger={<Button><Bookmark aria-hidden />{chosen ? <span className="max-w-40 truncate">{chosen.name}{differs && " *"}</span> : t("views")}</Button>}>
        {views.rows.length === 0 && <p className="px-2 py-1.5 text-sm text-muted">{t("noViews")}</p>}
        {[[t("myViews"), own], [t("sharedViews"), shared]].map(([label, list]) => (list as View[]).length > 0 && (
          <div key={label as string}>
            <p className="label px-2 pt-1.5 pb-1">{label as string}</p>
            {(list as View[]).map((view) => <MenuItem key={view.id} onSelect={() => onOpen(view)}>{view.name}</MenuItem>)}
          </div>
        ))}
        {mayWrite && <MenuLine />}
        {chosen && mayChange(chosen) && <MenuItem onSelect={() => update.mutate({ view: chosen, content: content() })}><RefreshCcw aria-hidden />{t("updateView", { name: chosen.name })}</MenuItem>}
        {mayWrite && <MenuItem onSelect={() => setDialog("save")}><BookmarkPlus aria-hidden />{t("saveView")}</MenuItem>}
        {mayWrite && views.rows.length > 0 && <MenuItem onSelect={() => setDialog("manage")}><Settings2 aria-hidden />{t("manageViews")}</MenuItem>}
      </Menu>
      {dialog === "save" && <SaveView table={table} content={content()} onClose={() => setDialog(null)} />}
      {dialog === "manage" && <ManageViews table={table} content={content()} onClose={() => setDialog(null)} />}
    </>
  );
}

/** Puts what is shown into a view; it can be taken back. */
function useUpdate(table: ViewTable) {
  const t = useText(traceTexts);
  const client = useQueryClient();
  const refresh = () => client.invalidateQueries({ queryKey: ["views", table] });
  const onError = (error: unknown) => toastError(messageOf(error, t("failed")));
  return useMutation({
    mutationFn: ({ view, content }: { view: View; content: ViewContent }) => changeView(view, content),
    onSuccess: async ({ data }, { view: { filter, sort, columns } }) => {
      const undo = () => void changeView(data, { filter: filter as ViewContent["filter"], sort, columns }).then(refresh, onError);
      toast(t("viewSaved", { name: data.name }), { undo });
      await refresh();
    },
    onError,
  });
}

function SaveView({ table, content, onClose }: { table: ViewTable; content: ViewContent; onClose(): void }) {
  const t = useText(traceTexts);
  const me = useMe();
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
          {(!shared || me.permissions.includes("workspace_manage")) && <label className="flex items-center gap-2 text-sm"><Checkbox checked={first} onChange={(event) => setFirst(event.target.checked)} />{t("viewDefault")}</label>}
          {save.error && !fields.has("/name") && <p role="alert" className="text-sm text-bad">{messageOf(save.error, t("failed"))}</p>}
        </form>
      </FieldErrors>
    </Dialog>
  );
}
