import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, unwrap } from "@/api/client";
import { meQuery } from "@/api/me";
import { workspace } from "@/api/session";
import { signOut } from "@/app/session-actions";
import { useText } from "@/i18n";
import { Button, ButtonLink } from "@/ui/button";
import { ErrorState, Loading, messageOf } from "@/ui/states";
import { Frame } from "./Frame";
import { accountTexts } from "./i18n";
import { Providers } from "./Providers";

const KEPT = "assay.invitation";
const PAGE = "/invitation";

/** The token of the link. It comes behind `#`, which no server sees, and is kept in the tab while its person signs in. */
function takeToken(): string {
  const token = new URLSearchParams(location.hash.slice(1)).get("token");
  if (token) {
    sessionStorage.setItem(KEPT, token);
    history.replaceState(history.state, "", PAGE);
  }
  return sessionStorage.getItem(KEPT) ?? "";
}

/** Where the link of an invitation leads. */
export default function InvitationPage() {
  const t = useText(accountTexts);
  const [token] = useState(takeToken);
  const me = useQuery(meQuery);
  const accept = useMutation({
    mutationFn: () => unwrap(api.POST("/api/v1/invitations/accept", { body: { token } })),
    onSuccess: (joined) => {
      sessionStorage.removeItem(KEPT);
      workspace.set(joined.workspace.id);
      // Everything is read anew, as a member of the workspace.
      location.assign("/");
    },
  });
  if (!token) {
    return <Frame title={t("noInvitation")}><p className="text-sm text-muted">{t("noInvitationText")}</p><ButtonLink to="/">{t("home")}</ButtonLink></Frame>;
  }
  if (me.isPending) return <Frame title={t("invited")}><Loading rows={2} /></Frame>;
  if (me.error) return <Frame title={t("invited")}><ErrorState error={me.error} onRetry={() => void me.refetch()} /></Frame>;
  if (!me.data) return <Frame title={t("invited")}><p className="text-sm text-muted">{t("signInFirst")}</p><Providers returnTo={PAGE} /></Frame>;
  if (!me.data.user) {
    return <Frame title={t("invited")}><p className="text-sm text-muted">{t("personOnly")}</p><Button onClick={() => void signOut()}>{t("signOut")}</Button></Frame>;
  }
  return (
    <Frame title={t("invited")}>
      <p className="text-sm text-muted">{t("joinAs", { name: me.data.user.email ?? me.data.user.name })}</p>
      {accept.error && <p role="alert" className="rounded-md bg-bad-soft px-3 py-2 text-sm text-bad">{messageOf(accept.error, t("noInvitationText"))}</p>}
      <Button variant="primary" busy={accept.isPending} onClick={() => accept.mutate()}>{t("join")}</Button>
    </Frame>
  );
}
