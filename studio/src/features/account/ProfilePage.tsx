import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, type Schemas } from "@/api/client";
import { useMe } from "@/api/me";
import { usePages } from "@/api/pages";
import { signOut, switchWorkspace } from "@/app/session-actions";
import { useText } from "@/i18n";
import { ago, dateTime } from "@/lib/format";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { Confirm } from "@/ui/dialog";
import { Page } from "@/ui/page";
import { ErrorState, Loading } from "@/ui/states";
import { toast } from "@/ui/toast";
import { deviceOf } from "./device";
import { accountTexts } from "./i18n";

/** Who is signed in, what they may do, and where else they are signed in. */
export default function ProfilePage() {
  const t = useText(accountTexts);
  const me = useMe();
  const facts: [string, string | null | undefined][] = me.user
    ? [[t("name"), me.user.name], [t("email"), me.user.email], [t("workspace"), me.workspace.name], [t("role"), me.role]]
    : [[t("key"), me.key?.name], [t("publicKey"), me.key?.public_key], [t("workspace"), me.workspace.name], [t("role"), me.key?.role]];
  return (
    <Page title={t("profile")} wide={false}>
      <div className="grid grid-cols-[minmax(0,1fr)] gap-6">
        <dl className="card grid gap-x-6 gap-y-3 p-4 sm:grid-cols-2">
          {facts.filter(([, value]) => value).map(([name, value]) => (
            <div key={name} className="min-w-0"><dt className="label">{name}</dt><dd className="truncate">{value}</dd></div>
          ))}
        </dl>
        {(me.memberships?.length ?? 0) > 1 && (
          <section className="grid gap-2">
            <h2 className="font-semibold">{t("workspaces")}</h2>
            <ul className="card divide-y divide-line">
              {me.memberships?.map(({ workspace, role }) => (
                <li key={workspace.id} className="flex items-center gap-3 px-4 py-2">
                  <span className="min-w-0 flex-1 truncate">{workspace.name}</span>
                  <Badge>{role}</Badge>
                  <Button size="sm" disabled={workspace.id === me.workspace.id} onClick={() => void switchWorkspace(workspace.id)}>{t("open")}</Button>
                </li>
              ))}
            </ul>
          </section>
        )}
        <section className="grid gap-2">
          <h2 className="font-semibold">{t("permissions")}</h2>
          <ul className="flex flex-wrap gap-1.5">{me.permissions.map((one) => <li key={one}><Badge>{one.replaceAll("_", " ")}</Badge></li>)}</ul>
        </section>
        {me.user && <Sessions />}
      </div>
    </Page>
  );
}

function Sessions() {
  const t = useText(accountTexts);
  const client = useQueryClient();
  const [asks, setAsks] = useState(false);
  const sessions = usePages<Schemas["Session"]>({ key: ["sessions"], path: "/api/v1/auth/sessions" });
  const end = useMutation({
    mutationFn: (id: string) => api.DELETE("/api/v1/auth/sessions/{id}", { params: { path: { id } } }),
    onSuccess: () => {
      toast(t("ended"));
      return client.invalidateQueries({ queryKey: ["sessions"] });
    },
  });
  const endAll = useMutation({ mutationFn: () => api.POST("/api/v1/auth/sign-out-everywhere"), onSuccess: signOut });
  if (sessions.error) return <ErrorState error={sessions.error} onRetry={() => void sessions.refetch()} />;
  if (sessions.isPending) return <Loading rows={2} />;
  return (
    <section className="grid gap-2">
      <div className="flex items-center justify-between">
        <h2 className="font-semibold">{t("sessions")}</h2>
        <Button variant="danger" size="sm" onClick={() => setAsks(true)}>{t("endAll")}</Button>
      </div>
      <ul className="card min-w-0 divide-y divide-line">
        {sessions.rows.map((session) => (
          <li key={session.id} className="flex items-center gap-3 px-4 py-2">
            <span className="min-w-0 flex-1">
              <span className="block truncate" title={session.user_agent ?? undefined}>{deviceOf(session.user_agent) ?? session.kind}</span>
              <span className="text-xs text-muted">{session.address} · {t("lastSeen")} {ago(session.last_seen_at)} · {t("expires")} {dateTime(session.expires_at)}</span>
            </span>
            {session.current ? <Badge tone="accent">{t("thisSession")}</Badge> : <Button size="sm" busy={end.isPending} onClick={() => end.mutate(session.id)}>{t("end")}</Button>}
          </li>
        ))}
      </ul>
      <Confirm open={asks} onClose={() => setAsks(false)} title={t("endAll")} description={t("endAllText")} confirm={t("endAll")} danger busy={endAll.isPending} onConfirm={() => endAll.mutate()} />
    </section>
  );
}
