import { FirstAgent } from "@/features/onboarding/FirstAgent";
import { useText } from "@/i18n";
import { useMay } from "@/api/me";
import { Page } from "@/ui/page";
import { Campaigns } from "./Campaigns";
import { GotWorse } from "./GotWorse";
import { homeTexts } from "./i18n";
import { Waiting } from "./Waiting";
import { Week } from "./Week";

/** How the week went, what got worse, what waits for somebody, what runs. */
export default function HomePage() {
  const t = useText(homeTexts);
  const traces = useMay("traces_read");
  const campaigns = useMay("campaigns_read");
  return (
    <Page title={t("home")} description={t("about")}>
      <div className="grid gap-6">
        <FirstAgent />
        {traces && <Week />}
        <div className="grid gap-6 lg:grid-cols-2 [&>*]:min-w-0">
          {traces && <GotWorse />}
          <Waiting />
        </div>
        {campaigns && <Campaigns />}
      </div>
    </Page>
  );
}
