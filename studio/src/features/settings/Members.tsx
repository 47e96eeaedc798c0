import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useMemo, useState } from "react";
import { UserMinus } from "lucide-react";
import { api, type Schemas, unwrap } from "@/api/client";
import { useMay, useMe } from "@/api/me";
import { usePages } from "@/api/pages";
import { useText } from "@/i18n";
import { ago, exactTime } from "@/lib/format";
import { useUrlState } from "@/lib/url-state";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import type { Column } from "@/ui/data-table";
import { Confirm } from "@/ui/dialog";
import { Select } from "@/ui/input";
import { Empty, messageOf } from "@/ui/states";
import { toast, toastError } from "@/ui/toast";
import { settingsTexts } from "./i18n";
import { ListFrame } from "./ListFrame";
import { useRoles } from "./roles";
import { RoleSelect } from "./RoleSelect";

type Member = Schemas["Member"];
const nameOf = (member: Member) => member.name || member.email || member.user_id;

/** The people of the workspace, with their roles. */
export function Members({ invite }: { invite: ReactNode }) {
  const t = useText(settingsTexts);
  const me = useMe();
  const client = useQueryClient();
  const mayManage = useMay("members_manage");
  const { roles, nameOf: roleName } = useRoles();
  const [{ q, role }, set] = useUrlState({ q: "", role: "" });
  const [gone, setGone] = useState<Member | null>(null);
  const list = usePages<Member>({ key: ["members", "list"], path: "/api/v1/members", query: { q, role } });
  const refresh = () => client.invalidateQueries({ queryKey: ["members"] });
  const change = useMutation({
    mutationFn: ({ member, role }: { member: Member; role: string }) => unwrap(api.PATCH("/api/v1/members/{user_id}", { params: { path: { user_id: member.user_id } }, body: { role } })),
    onSuccess: (changed, { member }) => {
      toast(t("roleChanged", { name: nameOf(changed), role: roleName(changed.role) }), { undo: () => change.mutate({ member: changed, role: member.role }) });
      return refresh();
    },
    onError: (error) => toastError(messageOf(error, t("failed"))),
  });
  const remove = useMutation({
    mutationFn: (member: Member) => api.DELETE("/api/v1/members/{user_id}", { params: { path: { user_id: member.user_id } } }),
    onSuccess: (_, member) => {
      toast(t("removed", { name: nameOf(member) }));
      setGone(null);
      return refresh();
    },
    onError: (error) => toastError(messageOf(error, t("failed"))),
  });
  const { mutate } = change;
  const columns = useMemo<Column<Member>[]>(() => [
    { id: "name", header: t("name"), grow: true, width: 220, cell: (one) => <span className="flex items-center gap-2"><span className="truncate font-medium">{nameOf(one)}</span>{one.user_id === me.user?.id && <Badge>{t("you")}</Badge>}</span> },
    { id: "email", header: t("email"), width: 240, cell: (one) => <span className="text-muted">{one.email ?? "–"}</span> },
    { id: "role", header: t("role"), width: 180, cell: (one) => (mayManage && one.user_id !== me.user?.id ? <RoleSelect value={one.role} aria-label={`${t("role")}: ${nameOf(one)}`} onChange={(event) => mutate({ member: one, role: event.target.value })} /> : <Badge>{roleName(one.role)}</Badge>) },
    { id: "seen", header: t("lastSignIn"), width: 130, cell: (one) => <time className="text-muted" title={one.last_sign_in_at ? exactTime(one.last_sign_in_at) : undefined}>{one.last_sign_in_at ? ago(one.last_sign_in_at) : t("never")}</time> },
    { id: "joined", header: t("joined"), width: 130, cell: (one) => <time className="text-muted" title={exactTime(one.created_at)}>{ago(one.created_at)}</time> },
    ...(mayManage ? [{
      id: "actions", header: " ", width: 60, align: "end" as const,
      cell: (one: Member) => one.user_id !== me.user?.id && <Button variant="ghost" size="icon-sm" aria-label={t("removeTitle", { name: nameOf(one) })} title={t("remove")} onClick={() => setGone(one)}><UserMinus aria-hidden /></Button>,
    }] : []),
  ], [t, me, mayManage, roleName, mutate]);
  return (
    <>
      <ListFrame
        list={list} columns={columns} name="members" label={t("members")} rowId={(one) => one.user_id} rowName={nameOf} search={t("search")}
        filtered={role !== ""} onClear={() => set({ role: "" })} empty={<Empty action={invite}>{t("noMembers")}</Empty>}
        filters={(
          <Select className="w-44" aria-label={t("role")} value={role} onChange={(event) => set({ role: event.target.value })}>
            <option value="">{t("everyRole")}</option>
            {roles.map((one) => <option key={one.role} value={one.role}>{roleName(one.role)}</option>)}
          </Select>
        )}
      />
      {gone && <Confirm open onClose={() => setGone(null)} danger title={t("removeTitle", { name: nameOf(gone) })} description={t("removeText")} confirm={t("remove")} busy={remove.isPending} onConfirm={() => remove.mutate(gone)} />}
    </>
  );
}
