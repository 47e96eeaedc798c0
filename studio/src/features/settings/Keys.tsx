import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { Ellipsis, Pencil, Plus, RefreshCw, Trash2 } from "lucide-react";
import { api, type Schemas, unwrap } from "@/api/client";
import { useMe } from "@/api/me";
import { usePages } from "@/api/pages";
import { useText } from "@/i18n";
import { ago, dateTime, exactTime } from "@/lib/format";
import { useUrlState } from "@/lib/url-state";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { CopyButton } from "@/ui/copy";
import type { Column } from "@/ui/data-table";
import { Confirm } from "@/ui/dialog";
import { Select } from "@/ui/input";
import { Menu, MenuItem } from "@/ui/menu";
import { Empty, messageOf } from "@/ui/states";
import { toast, toastError } from "@/ui/toast";
import { keyTexts } from "./i18n-keys";
import { EditKey, NewKeyDialog, useAccounts } from "./KeyForms";
import { ListFrame } from "./ListFrame";
import { useRoles } from "./roles";
import { ShownOnce } from "./ShownOnce";

type Key = Schemas["ApiKey"];
type Act = { kind: "edit" | "rotate" | "revoke"; key: Key };

/** The lines that a program's environment takes. */
export const environmentOf = (key: Schemas["NewApiKey"]) => `ASSAY_PUBLIC_KEY=${key.public_key}\nASSAY_SECRET_KEY=${key.secret_key}`;

/** The keys of the workspace. */
export function Keys() {
  const t = useText(keyTexts);
  const [state, set] = useUrlState({ q: "", account: "", new: "" });
  const { nameOf } = useRoles();
  const accounts = useAccounts();
  const [act, setAct] = useState<Act | null>(null);
  const [shown, setShown] = useState<Schemas["NewApiKey"] | null>(null);
  const list = usePages<Key>({ key: ["api-keys", "list"], path: "/api/v1/api-keys", query: { q: state.q, service_account_id: state.account } });
  const columns = useMemo<Column<Key>[]>(() => [
    { id: "name", header: t("name"), grow: true, width: 180, cell: (key) => <span className="font-medium">{key.name}</span> },
    { id: "public", header: t("publicKey"), width: 230, cell: (key) => <span className="flex items-center"><code className="truncate font-mono text-xs text-muted" title={key.public_key}>{key.public_key}</code><CopyButton text={key.public_key} /></span> },
    { id: "role", header: t("role"), width: 130, cell: (key) => <Badge>{nameOf(key.role)}{key.scopes ? " *" : ""}</Badge> },
    { id: "account", header: t("belongs"), width: 150, cell: (key) => <span className="text-muted">{key.service_account_id ? accounts.find((one) => one.id === key.service_account_id)?.name ?? key.service_account_id : "–"}</span> },
    { id: "used", header: t("lastUsed"), width: 120, cell: (key) => <time className="text-muted" title={key.last_used_at ? exactTime(key.last_used_at) : undefined}>{key.last_used_at ? ago(key.last_used_at) : t("never")}</time> },
    {
      id: "expires", header: t("expires"), width: 130,
      cell: (key) => key.expires_at && new Date(key.expires_at) < new Date() ? <Badge tone="bad">{t("expired")}</Badge> : <time className="text-muted" title={key.expires_at ? dateTime(key.expires_at) : undefined}>{key.expires_at ? ago(key.expires_at) : t("expiryNever")}</time>,
    },
    {
      id: "actions", header: " ", width: 60, align: "end",
      cell: (key) => (
        <Menu trigger={<Button variant="ghost" size="icon-sm" aria-label={t("actions", { name: key.name })}><Ellipsis aria-hidden /></Button>}>
          <MenuItem onSelect={() => setAct({ kind: "edit", key })}><Pencil aria-hidden />{t("edit")}</MenuItem>
          <MenuItem onSelect={() => setAct({ kind: "rotate", key })}><RefreshCw aria-hidden />{t("rotate")}</MenuItem>
          <MenuItem danger onSelect={() => setAct({ kind: "revoke", key })}><Trash2 aria-hidden />{t("revoke")}</MenuItem>
        </Menu>
      ),
    },
  ], [t, nameOf, accounts]);
  return (
    <>
      <ListFrame
        list={list} columns={columns} name="api-keys" label={t("keys")} rowId={(key) => key.id} rowName={(key) => key.name}
        search={t("search")} filtered={Boolean(state.account)} onClear={() => set({ account: "" })}
        empty={<Empty action={<Button variant="primary" onClick={() => set({ new: "1" }, { push: true })}><Plus aria-hidden />{t("newKey")}</Button>}>{t("emptyKeys")}</Empty>}
        filters={accounts.length > 0 && (
          <Select className="w-52" aria-label={t("belongs")} value={state.account} onChange={(event) => set({ account: event.target.value })}>
            <option value="">{t("belongs")}: …</option>
            {accounts.map((one) => <option key={one.id} value={one.id}>{one.name}</option>)}
          </Select>
        )}
      />
      {state.new && <NewKeyDialog account={state.account} onClose={() => set({ new: "" })} onMade={setShown} />}
      {shown && <ShownOnce title={t("newSecret")} onClose={() => setShown(null)} values={[[t("publicKey"), shown.public_key], [t("secretKey"), shown.secret_key], [t("environment"), environmentOf(shown)]]} />}
      {act?.kind === "edit" && <EditKey apiKey={act.key} onClose={() => setAct(null)} />}
      {act && act.kind !== "edit" && <Sure act={act.kind} apiKey={act.key} onClose={() => setAct(null)} onRotated={setShown} />}
    </>
  );
}

function Sure({ act, apiKey, onClose, onRotated }: { act: "rotate" | "revoke"; apiKey: Key; onClose(): void; onRotated(key: Schemas["NewApiKey"]): void }) {
  const t = useText(keyTexts);
  const me = useMe();
  const client = useQueryClient();
  const path = { params: { path: { id: apiKey.id } } };
  const done = () => {
    void client.invalidateQueries({ queryKey: ["api-keys"] });
    onClose();
  };
  const rotate = useMutation({
    mutationFn: () => unwrap(api.POST("/api/v1/api-keys/{id}/rotate", path)),
    onSuccess: (key) => {
      onRotated(key);
      done();
    },
    onError: (error) => toastError(messageOf(error, t("failed"))),
  });
  const revoke = useMutation({
    mutationFn: () => api.DELETE("/api/v1/api-keys/{id}", path),
    onSuccess: () => {
      toast(t("revoked", { name: apiKey.name }));
      done();
    },
    onError: (error) => toastError(messageOf(error, t("failed"))),
  });
  const own = me.key?.id === apiKey.id && <p className="rounded-md bg-warn-soft px-3 py-2 text-sm text-warn">{t("ownKey")}</p>;
  return act === "rotate"
    ? <Confirm open onClose={onClose} title={t("rotateTitle", { name: apiKey.name })} description={t("rotateText")} confirm={t("rotate")} busy={rotate.isPending} onConfirm={() => rotate.mutate()}>{own}</Confirm>
    : <Confirm open onClose={onClose} danger title={t("revokeTitle", { name: apiKey.name })} description={t("revokeText")} confirm={t("revoke")} busy={revoke.isPending} onConfirm={() => revoke.mutate()}>{own}</Confirm>;
}
