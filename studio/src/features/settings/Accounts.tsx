import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useId, useMemo, useState } from "react";
import { Ellipsis, KeyRound, Pencil, Plus, Power, Trash2 } from "lucide-react";
import { api, type Schemas, unwrap } from "@/api/client";
import { usePages } from "@/api/pages";
import { useText } from "@/i18n";
import { ago, exactTime } from "@/lib/format";
import { useUrlState } from "@/lib/url-state";
import { DraftForm, useDraft } from "@/resource/draft";
import { textAt } from "@/resource/fields";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import type { Column } from "@/ui/data-table";
import { Confirm, Dialog } from "@/ui/dialog";
import { Field } from "@/ui/field";
import { Input, Textarea } from "@/ui/input";
import { Menu, MenuItem } from "@/ui/menu";
import { Empty, messageOf } from "@/ui/states";
import { toast, toastError } from "@/ui/toast";
import { keyTexts } from "./i18n-keys";
import { ListFrame } from "./ListFrame";
import { useRoles } from "./roles";
import { RoleSelect } from "./RoleSelect";

type Account = Schemas["ServiceAccount"];

/** What CI and other programs are. */
export function Accounts() {
  const t = useText(keyTexts);
  const client = useQueryClient();
  const { nameOf } = useRoles();
  const [state, set] = useUrlState({ q: "", new: "", tab: "keys", account: "" });
  const [edited, setEdited] = useState<Account | null>(null);
  const [gone, setGone] = useState<Account | null>(null);
  const list = usePages<Account>({ key: ["service-accounts", "list"], path: "/api/v1/service-accounts", query: { q: state.q } });
  const refresh = () => client.invalidateQueries({ queryKey: ["service-accounts"] });
  const power = useMutation({
    mutationFn: ({ id, on }: { id: string; on: boolean }) => unwrap(api.POST(on ? "/api/v1/service-accounts/{id}/enable" : "/api/v1/service-accounts/{id}/disable", { params: { path: { id } } })),
    onSuccess: (account, { on }) => {
      // What was switched off is one press away from being on again.
      toast(t(on ? "enabledToast" : "disabledToast", { name: account.name }), { undo: () => power.mutate({ id: account.id, on: !on }) });
      return refresh();
    },
    onError: (error) => toastError(messageOf(error, t("failed"))),
  });
  const remove = useMutation({
    mutationFn: (account: Account) => api.DELETE("/api/v1/service-accounts/{id}", { params: { path: { id: account.id } } }),
    onSuccess: (_, account) => {
      toast(t("deleted", { name: account.name }));
      setGone(null);
      void client.invalidateQueries({ queryKey: ["api-keys"] });
      return refresh();
    },
    onError: (error) => toastError(messageOf(error, t("failed"))),
  });
  const { mutate } = power;
  const columns = useMemo<Column<Account>[]>(() => [
    { id: "name", header: t("name"), grow: true, width: 220, cell: (one) => <span className="flex min-w-0 items-baseline gap-2"><span className="shrink-0 font-medium">{one.name}</span><span className="truncate text-xs text-muted">{one.description}</span></span> },
    { id: "role", header: t("role"), width: 150, cell: (one) => <Badge>{nameOf(one.role)}</Badge> },
    { id: "state", header: t("state"), width: 130, cell: (one) => (one.disabled_at ? <Badge dot tone="warn">{t("off")}</Badge> : <Badge dot tone="good">{t("on")}</Badge>) },
    { id: "keys", header: t("keysOf"), width: 90, cell: (one) => <Link to="/settings/keys" search={{ account: one.id } as never} className="text-accent hover:underline">{t("keysOf")}</Link> },
    { id: "made", header: t("made"), width: 130, cell: (one) => <time className="text-muted" title={exactTime(one.created_at)}>{ago(one.created_at)}</time> },
    {
      id: "actions", header: " ", width: 60, align: "end",
      cell: (one) => (
        <Menu trigger={<Button variant="ghost" size="icon-sm" aria-label={t("actions", { name: one.name })}><Ellipsis aria-hidden /></Button>}>
          <MenuItem asChild><Link to="/settings/keys" search={{ account: one.id, new: "1" } as never}><KeyRound aria-hidden />{t("addKey", { name: one.name })}</Link></MenuItem>
          <MenuItem onSelect={() => setEdited(one)}><Pencil aria-hidden />{t("edit")}</MenuItem>
          <MenuItem onSelect={() => mutate({ id: one.id, on: one.disabled_at !== null })}><Power aria-hidden />{one.disabled_at ? t("enable") : t("disable")}</MenuItem>
          <MenuItem danger onSelect={() => setGone(one)}><Trash2 aria-hidden />{t("delete")}</MenuItem>
        </Menu>
      ),
    },
  ], [t, nameOf, mutate]);
  return (
    <>
      <ListFrame
        list={list} columns={columns} name="service-accounts" label={t("accounts")} rowId={(one) => one.id} rowName={(one) => one.name} search={t("searchAccounts")}
        empty={<Empty action={<Button variant="primary" onClick={() => set({ new: "1" }, { push: true })}><Plus aria-hidden />{t("newAccount")}</Button>}>{t("emptyAccounts")}</Empty>}
      />
      {(state.new || edited) && <AccountDialog key={edited?.id} account={edited} onClose={() => { setEdited(null); set({ new: "" }); }} />}
      {gone && <Confirm open onClose={() => setGone(null)} danger title={t("deleteTitle", { name: gone.name })} description={t("deleteAccountText")} confirm={t("delete")} busy={remove.isPending} onConfirm={() => remove.mutate(gone)} />}
    </>
  );
}

function AccountDialog({ account, onClose }: { account: Account | null; onClose(): void }) {
  const t = useText(keyTexts);
  const client = useQueryClient();
  const form = useId();
  const initial = useMemo(() => ({ name: account?.name ?? "", description: account?.description ?? "", role: account?.role ?? "editor" }), [account]);
  const draft = useDraft<typeof initial, unknown>(
    initial,
    (body) => (account
      ? unwrap(api.PATCH("/api/v1/service-accounts/{id}", { params: { path: { id: account.id } }, body }))
      : unwrap(api.POST("/api/v1/service-accounts", { body }))),
    () => {
      toast(t("changed"));
      void client.invalidateQueries({ queryKey: ["service-accounts"] });
      onClose();
    },
  );
  return (
    <Dialog open onClose={onClose} title={account?.name ?? t("newAccount")} description={account ? undefined : t("emptyAccounts")} actions={<Button type="submit" form={form} variant="primary" busy={draft.saving} disabled={account !== null && !draft.changed}>{account ? t("save") : t("create")}</Button>}>
      <DraftForm draft={draft} id={form}>
        <Field label={t("name")} pointer="/name" required><Input autoFocus {...textAt(draft, "/name")} /></Field>
        <Field label={t("description")} pointer="/description"><Textarea rows={2} {...textAt(draft, "/description")} /></Field>
        <Field label={t("role")} pointer="/role" required><RoleSelect value={draft.value.role} onChange={(event) => draft.set("/role", event.target.value)} /></Field>
      </DraftForm>
    </Dialog>
  );
}
