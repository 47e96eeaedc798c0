import { Plus } from "lucide-react";
import { useMay } from "@/api/me";
import { useText } from "@/i18n";
import { useUrlState } from "@/lib/url-state";
import { ButtonLink } from "@/ui/button";
import { Page } from "@/ui/page";
import { NoPermission } from "@/ui/states";
import { Tabs } from "@/ui/tabs";
import { commonTexts } from "../i18n";
import { Starts } from "../starts/Starts";
import { CampaignTable } from "./CampaignTable";
import { listTexts } from "./i18n";

/** All campaigns of the workspace, and what starts them by itself. */
export default function CampaignsPage() {
  const t = useText(listTexts);
  const common = useText(commonTexts);
  const mayRead = useMay("campaigns_read");
  const mayRun = useMay("campaigns_run");
  const [{ tab }, set] = useUrlState({ tab: "list" });
  const part = tab === "starts" ? "starts" : "list";
  return (
    <Page
      title={common("campaigns")}
      actions={mayRun && <ButtonLink variant="primary" to="/campaigns/new"><Plus aria-hidden />{t("new")}</ButtonLink>}
    >
      {mayRead ? (
        <Tabs
          label={common("campaigns")} value={part} onChange={(next) => set({ tab: next }, { push: true })}
          tabs={[{ value: "list", label: t("listTab") }, { value: "starts", label: t("startsTab") }]}
        >
          {part === "list" ? <CampaignTable /> : <Starts />}
        </Tabs>
      ) : <NoPermission />}
    </Page>
  );
}
