import type { ReactNode } from "react";
import { X } from "lucide-react";
import { useText } from "@/i18n";
import { Button } from "./button";
import { uiTexts } from "./i18n";

/** What can be done with the selected rows; nothing while none is. */
export function SelectionBar({ count, onClear, children }: { count: number; onClear(): void; children: ReactNode }) {
  const t = useText(uiTexts);
  if (count === 0) return null;
  return (
    <div role="toolbar" aria-label={t("selected", { n: count })} className="flex h-8 animate-rise items-center gap-2 rounded-md bg-accent-soft pr-1 pl-3 text-sm font-medium text-accent-strong">
      <span>{t("selected", { n: count })}</span>
      {children}
      <Button variant="ghost" size="icon-sm" aria-label={t("clearSelection")} onClick={onClear}><X aria-hidden /></Button>
    </div>
  );
}
