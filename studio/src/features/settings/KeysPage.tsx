import { Plus } from "lucide-react";
import { useMay } from "@/api/me";
import { useText } from "@/i18n";
import { useUrlState } from "@/lib/url-state";
import { Button } from "@/ui/button";
import { Page } from "@/ui/page";
import { NoPermission } from "@/ui/states";
import { Tabs } from "@/ui/tabs";
import { Accounts } from "./Accounts";
import { keyTexts } from "./i18n-keys";
import { Keys } from "./Keys";

/** Keys and service accounts: how programs get in. */
export default function KeysPage() {
  const t = useText(keyTexts);
  const may = useMay("api_keys_manage");
  const [{ tab }, set] = useUrlState({ tab: "keys", new: "", q: "", account: "" });
  const part = tab === "accounts" ? tab : "keys";
  if (!may) return <NoPermission />;
  return (
    <Page title={t("title")} actions={<Button variant="primary" onClick={() => set({ new: "1" }, { push: true })}><Plus aria-hidden />{part === "keys" ? t("newKey") : t("newAccount")}</Button>}>
      <Tabs label={t("title")} value={part} onChange={(next) => set({ tab: next, q: "", account: "", new: "" }, { push: true })} tabs={[{ value: "keys", label: t("keys") }, { value: "accounts", label: t("accounts") }]}>
        {part === "keys" ? <Keys /> : <Accounts />}
      </Tabs>
    </Page>
  );
}
