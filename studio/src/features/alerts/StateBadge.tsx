import { useText } from "@/i18n";
import { NOTHING } from "@/lib/format";
import { Badge } from "@/ui/badge";
import { alertTexts } from "./i18n";
import { type AlertStatus, STATE_TONES } from "./kind";

/** Where an alert stands, in a word. */
export function StateBadge({ enabled, status }: { enabled: boolean; status: AlertStatus | undefined }) {
  const t = useText(alertTexts);
  if (!enabled) return <Badge>{t("off")}</Badge>;
  if (!status) return <span className="text-muted">{NOTHING}</span>;
  // Until it was looked at it stands nowhere, whatever it begins as.
  if (status.looked_at === null && !status.error) return <Badge>{t("never")}</Badge>;
  return <span title={status.message}><Badge dot tone={STATE_TONES[status.state]}>{t(status.state)}</Badge></span>;
}
