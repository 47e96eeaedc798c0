import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useId, useMemo, useState } from "react";
import { Plus } from "lucide-react";
import { api, type Schemas, unwrap } from "@/api/client";
import { meQuery, useMay, useMe } from "@/api/me";
import { switchWorkspace } from "@/app/session-actions";
import { useText } from "@/i18n";
import { dateTime } from "@/lib/format";
import { DraftButtons, DraftForm, useDraft } from "@/resource/draft";
import { textAt } from "@/resource/fields";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { Confirm, Dialog } from "@/ui/dialog";
import { Field } from "@/ui/field";
import { Input, Select } from "@/ui/input";
import { Page } from "@/ui/page";
import { Facts, Section } from "@/ui/section";
import { Loaded, messageOf } from "@/ui/states";
import { toast, toastError } from "@/ui/toast";
import { settingsTexts } from "./i18n";
import { useRoles } from "./roles";

/** The workspace: its name, one's own workspaces, leaving, handing over. */
export default function WorkspacePage() {
  const t = useText(settingsTexts);
  const workspace = useQuery({ queryKey: ["workspace"], queryFn: ({ signal }) => unwrap(api.GET("/api/v1/workspace", { signal })) });
  const me = useMe();
  return (
    <Page title={t("workspace")} wide={false}>
      <div className="grid gap-4">
        <Loaded query={workspace}>{(data) => <General workspace={data} />}</Loaded>
        <Own />
        <Section title={t("sessions")} actions={<Link to="/profile" className="text-sm font-medium text-accent hover:underline">{t("openProfile")}</Link>}>{null}</Section>
        {me.user ? <Danger /> : <p className="text-sm text-muted">{t("personOnly")}</p>}
      </div>
    </Page>
  );
}

function General({ workspace }: { workspace: Schemas["Workspace"] }) {
  const t = useText(settingsTexts);
  const client = useQueryClient();
  const may = useMay("workspace_manage");
  const initial = useMemo(() => ({ name: workspace.name }), [workspace]);
  const draft = useDraft<{ name: string }, Schemas["Workspace"]>(
    initial,
    (body) => unwrap(api.PATCH("/api/v1/workspace", { body })),
    (saved) => {
      client.setQueryData(["workspace"], saved);
      void client.invalidateQueries({ queryKey: meQuery.queryKey });
      toast(t("saved"));
    },
    true,
  );
  return (
    <Section title={t("general")}>
      <DraftForm draft={draft} disabled={!may} buttons={may && <DraftButtons draft={draft} />}>
        <Field label={t("rename")} pointer="/name" required><Input {...textAt(draft, "/name")} /></Field>
      </DraftForm>
      <Facts facts={[[t("id"), <code key="id" className="font-mono text-xs">{workspace.id}</code>], [t("made"), dateTime(workspace.created_at)]]} />
    </Section>
  );
}

function Own() {
  const t = useText(settingsTexts);
  const me = useMe();
  const { nameOf } = useRoles();
  const [making, setMaking] = useState(false);
  const list = useQuery({ queryKey: ["workspaces"], queryFn: ({ signal }) => unwrap(api.GET("/api/v1/workspaces", { signal })) });
  return (
    <Section title={t("yours")} actions={me.user && <Button size="sm" onClick={() => setMaking(true)}><Plus aria-hidden />{t("newWorkspace")}</Button>}>
      <Loaded query={list}>{({ data }) => (
        <ul className="divide-y divide-line">
          {data.map((one) => (
            <li key={one.id} className="flex items-center gap-3 py-2">
              <span className="min-w-0 flex-1 truncate font-medium">{one.name}</span>
              <Badge>{nameOf(one.role)}</Badge>
              {one.id === me.workspace.id ? <Badge tone="accent">{t("current")}</Badge> : <Button size="sm" onClick={() => void switchWorkspace(one.id)}>{t("open_ws")}</Button>}
            </li>
          ))}
        </ul>
      )}</Loaded>
      {making && <NewWorkspace onClose={() => setMaking(false)} />}
    </Section>
  );
}

const EMPTY = { name: "" };

function NewWorkspace({ onClose }: { onClose(): void }) {
  const t = useText(settingsTexts);
  const form = useId();
  const draft = useDraft<{ name: string }, Schemas["OwnWorkspace"]>(EMPTY, (body) => unwrap(api.POST("/api/v1/workspaces", { body })), (made) => {
    toast(t("createdWorkspace", { name: made.name }));
    onClose();
    void switchWorkspace(made.id);
  });
  return (
    <Dialog open onClose={onClose} title={t("newWorkspace")} description={t("newWorkspaceText")} actions={<Button type="submit" form={form} variant="primary" busy={draft.saving}>{t("create")}</Button>}>
      <DraftForm draft={draft} id={form}><Field label={t("name")} pointer="/name" required><Input autoFocus {...textAt(draft, "/name")} /></Field></DraftForm>
    </Dialog>
  );
}

function Danger() {
  const t = useText(settingsTexts);
  const me = useMe();
  const mayTransfer = useMay("ownership_transfer");
  const [asks, setAsks] = useState<"leave" | "transfer" | null>(null);
  const leave = useMutation({
    mutationFn: () => api.POST("/api/v1/members/leave", { body: { workspace_id: me.workspace.id } }),
    onSuccess: async () => {
      toast(t("left", { name: me.workspace.name }));
      const next = me.memberships?.find((one) => one.workspace.id !== me.workspace.id);
      if (next) await switchWorkspace(next.workspace.id);
      else location.assign("/");
    },
    onError: (error) => toastError(messageOf(error, t("failed"))),
  });
  return (
    <Section title={t("danger")}>
      <div className="flex flex-wrap gap-2">
        <Button variant="danger" onClick={() => setAsks("leave")}>{t("leave")}</Button>
        {mayTransfer && <Button variant="danger" onClick={() => setAsks("transfer")}>{t("transfer")}</Button>}
      </div>
      {!mayTransfer && <p className="text-xs text-muted">{t("ownerOnly")}</p>}
      {asks === "leave" && <Confirm open onClose={() => setAsks(null)} danger title={t("leaveTitle", { name: me.workspace.name })} description={t("leaveText")} confirm={t("leave")} busy={leave.isPending} onConfirm={() => leave.mutate()} />}
      {asks === "transfer" && <Transfer onClose={() => setAsks(null)} />}
    </Section>
  );
}

function Transfer({ onClose }: { onClose(): void }) {
  const t = useText(settingsTexts);
  const me = useMe();
  const client = useQueryClient();
  const [to, setTo] = useState("");
  const members = useQuery({ queryKey: ["members", "all"], queryFn: ({ signal }) => unwrap(api.GET("/api/v1/members", { params: { query: { limit: 200 } }, signal })) });
  const others = (members.data?.data ?? []).filter((one) => one.user_id !== me.user?.id && one.last_sign_in_at !== null);
  const transfer = useMutation({
    mutationFn: () => unwrap(api.POST("/api/v1/workspace/transfer-ownership", { body: { user_id: to } })),
    onSuccess: async (owner) => {
      toast(t("transferred", { name: owner.name || owner.email || owner.user_id }));
      onClose();
      await client.invalidateQueries();
    },
    onError: (error) => toastError(messageOf(error, t("failed"))),
  });
  return (
    <Confirm open onClose={onClose} danger title={t("transfer")} description={t("transferText")} confirm={t("transfer")} busy={transfer.isPending || !to} onConfirm={() => transfer.mutate()}>
      <Field label={t("transferTo")} required>
        <Select value={to} onChange={(event) => setTo(event.target.value)}>
          <option value="">{t("choose")}</option>
          {others.map((one) => <option key={one.user_id} value={one.user_id}>{one.name || one.email}</option>)}
        </Select>
      </Field>
    </Confirm>
  );
}
