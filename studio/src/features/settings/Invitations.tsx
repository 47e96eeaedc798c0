import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useId, useMemo, useState } from "react";
import { api, type Schemas, unwrap } from "@/api/client";
import { useMay } from "@/api/me";
import { usePages } from "@/api/pages";
import { useText } from "@/i18n";
import { ago, dateTime, exactTime } from "@/lib/format";
import { useUrlState } from "@/lib/url-state";
import { DraftForm, useDraft } from "@/resource/draft";
import { textAt } from "@/resource/fields";
import { Badge, type Tone } from "@/ui/badge";
import { Button } from "@/ui/button";
import type { Column } from "@/ui/data-table";
import { Dialog } from "@/ui/dialog";
import { Field } from "@/ui/field";
import { Input, Select } from "@/ui/input";
import { Empty, messageOf } from "@/ui/states";
import { toast, toastError } from "@/ui/toast";
import { settingsTexts } from "./i18n";
import { endOf } from "./KeyForms";
import { ListFrame } from "./ListFrame";
import { useRoles } from "./roles";
import { RoleSelect } from "./RoleSelect";
import { ShownOnce } from "./ShownOnce";

type Invitation = Schemas["Invitation"];
const TONES: Record<Invitation["status"], Tone> = { open: "info", accepted: "good", revoked: "neutral", expired: "warn" };

/** Who was invited, and what became of it. */
export function Invitations({ invite }: { invite: ReactNode }) {
  const t = useText(settingsTexts);
  const client = useQueryClient();
  const mayManage = useMay("members_manage");
  const { nameOf } = useRoles();
  const [state, set] = useUrlState({ q: "", status: "", new: "" });
  const [made, setMade] = useState<Schemas["NewInvitation"] | null>(null);
  const list = usePages<Invitation>({ key: ["invitations", "list"], path: "/api/v1/invitations", query: { q: state.q, status: state.status } });
  const revoke = useMutation({
    mutationFn: (one: Invitation) => api.DELETE("/api/v1/invitations/{id}", { params: { path: { id: one.id } } }),
    onSuccess: (_, one) => {
      toast(t("revokedToast", { email: one.email }));
      return client.invalidateQueries({ queryKey: ["invitations"] });
    },
    onError: (error) => toastError(messageOf(error, t("failed"))),
  });
  const { mutate } = revoke;
  const columns = useMemo<Column<Invitation>[]>(() => [
    { id: "email", header: t("email"), grow: true, width: 240, cell: (one) => <span className="font-medium">{one.email}</span> },
    { id: "role", header: t("role"), width: 150, cell: (one) => <Badge>{nameOf(one.role)}</Badge> },
    { id: "status", header: t("status"), width: 130, cell: (one) => <Badge dot tone={TONES[one.status]}>{t(one.status)}</Badge> },
    { id: "expires", header: t("expires"), width: 140, cell: (one) => <time className="text-muted" title={dateTime(one.expires_at)}>{ago(one.expires_at)}</time> },
    { id: "made", header: t("invitedAt"), width: 130, cell: (one) => <time className="text-muted" title={exactTime(one.created_at)}>{ago(one.created_at)}</time> },
    ...(mayManage ? [{ id: "actions", header: " ", width: 110, align: "end" as const, cell: (one: Invitation) => one.status === "open" && <Button size="sm" aria-label={`${t("revoke")} ${one.email}`} onClick={() => mutate(one)}>{t("revoke")}</Button> }] : []),
  ], [t, nameOf, mayManage, mutate]);
  const delivery = { none: "linkNotSent", sent: "linkSent", failed: "linkFailed" } as const;
  return (
    <>
      <ListFrame
        list={list} columns={columns} name="invitations" label={t("invitations")} rowId={(one) => one.id} search={t("email")}
        filtered={state.status !== ""} onClear={() => set({ status: "" })} empty={<Empty action={invite}>{t("noInvitations")}</Empty>}
        filters={(
          <Select className="w-40" aria-label={t("status")} value={state.status} onChange={(event) => set({ status: event.target.value })}>
            <option value="">{t("everyStatus")}</option>
            {(["open", "accepted", "revoked", "expired"] as const).map((one) => <option key={one} value={one}>{t(one)}</option>)}
          </Select>
        )}
      />
      {state.new && mayManage && <Invite onClose={() => set({ new: "" })} onMade={setMade} />}
      {made && <ShownOnce title={t("linkTitle", { email: made.email })} values={[[t("link"), made.accept_url]]} note={<p className="text-sm text-muted">{t(delivery[made.delivery])}</p>} onClose={() => setMade(null)} />}
    </>
  );
}

const EMPTY = { email: "", role: "editor", expires: "" };

function Invite({ onClose, onMade }: { onClose(): void; onMade(made: Schemas["NewInvitation"]): void }) {
  const t = useText(settingsTexts);
  const client = useQueryClient();
  const form = useId();
  const draft = useDraft<typeof EMPTY, Schemas["NewInvitation"]>(
    EMPTY,
    (value) => unwrap(api.POST("/api/v1/invitations", { body: { email: value.email.trim(), role: value.role, expires_at: endOf(value.expires) } })),
    (made) => {
      void client.invalidateQueries({ queryKey: ["invitations"] });
      onClose();
      onMade(made);
    },
  );
  return (
    <Dialog open onClose={onClose} title={t("invite")} description={t("inviteText")} actions={<Button type="submit" form={form} variant="primary" busy={draft.saving}>{t("send")}</Button>}>
      <DraftForm draft={draft} id={form}>
        <Field label={t("email")} pointer="/email" required><Input type="email" autoFocus autoComplete="off" {...textAt(draft, "/email")} /></Field>
        <div className="grid gap-4 sm:grid-cols-2">
          <Field label={t("role")} pointer="/role" required><RoleSelect value={draft.value.role} onChange={(event) => draft.set("/role", event.target.value)} /></Field>
          <Field label={t("expires")} pointer="/expires_at" hint={t("expiresHint")}><Input type="date" {...textAt(draft, "/expires")} /></Field>
        </div>
      </DraftForm>
    </Dialog>
  );
}
