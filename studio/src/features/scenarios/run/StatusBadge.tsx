import { useText } from "@/i18n";
import { Badge } from "@/ui/badge";
import { runTexts } from "../i18n-run";
import { type Run, STATUS_TONES } from "./data";

/** Where a run stands. */
export function StatusBadge({ status }: { status: Run["status"] }) {
  const t = useText(runTexts);
  return <Badge dot tone={STATUS_TONES[status]}>{t(`status_${status}`)}</Badge>;
}
