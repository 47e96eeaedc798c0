import { FirstAgent } from "@/features/onboarding/FirstAgent";
import { useText } from "@/i18n";
import { useMay } from "@/api/me";
import { Page } from "@/ui/page";
import { Campaigns } from "./Campaigns";
import { homeTexts } from "./i18n";
import { Week } from "./Week";

/** What goes on, and how the week went. */
export default function HomePage() {
  const t = useText(homeTexts);
  const traces = useMay("traces_read");
  const campaigns = useMay("campaigns_read");
  return (
    <Page title={t("home")}>
      <div className="grid gap-6">
        <FirstAgent />
        {traces && <Week />}
        {campaigns && <Campaigns />}
      </div>
    </Page>
  );
}
