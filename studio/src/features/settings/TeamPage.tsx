import { Plus } from "lucide-react";
import { useMay } from "@/api/me";
import { useText } from "@/i18n";
import { useUrlState } from "@/lib/url-state";
import { Button } from "@/ui/button";
import { Page } from "@/ui/page";
import { NoPermission } from "@/ui/states";
import { Tabs } from "@/ui/tabs";
import { settingsTexts } from "./i18n";
import { Invitations } from "./Invitations";
import { Members } from "./Members";
import { Roles } from "./Roles";

/** Who is in, who is invited, and who may do what. */
export default function TeamPage() {
  const t = useText(settingsTexts);
  const mayRead = useMay("members_read");
  const mayInvite = useMay("members_manage");
  const mayRoles = useMay("roles_manage");
  const [{ tab }, set] = useUrlState({ tab: "members", new: "", q: "", role: "", status: "" });
  const part = tab === "invitations" || tab === "roles" ? tab : "members";
  if (!mayRead) return <NoPermission />;
  const invite = mayInvite && <Button variant="primary" onClick={() => set({ tab: "invitations", q: "", role: "", status: "", new: "1" }, { push: true })}><Plus aria-hidden />{t("invite")}</Button>;
  return (
    <Page title={t("team")} actions={part === "roles" ? mayRoles && <Button variant="primary" onClick={() => set({ new: "1" }, { push: true })}><Plus aria-hidden />{t("newRole")}</Button> : invite}>
      <Tabs
        label={t("team")} value={part}
        onChange={(next) => set({ tab: next, new: "", q: "", role: "", status: "" }, { push: true })}
        tabs={[{ value: "members", label: t("members") }, { value: "invitations", label: t("invitations") }, { value: "roles", label: t("roles") }]}
      >
        {part === "members" && <Members invite={invite} />}
        {part === "invitations" && <Invitations invite={invite} />}
        {part === "roles" && <Roles />}
      </Tabs>
    </Page>
  );
}
