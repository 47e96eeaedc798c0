import { useState } from "react";
import type { Model } from "@/features/models/kind";
import { useText } from "@/i18n";
import { CopyButton } from "@/ui/copy";
import { Sheet } from "@/ui/dialog";
import { Tabs } from "@/ui/tabs";
import { asCurl, asPython } from "./code";
import { playgroundTexts } from "./i18n";
import type { Asked } from "./types";

/** The call of a panel, as others may make it. */
export function CodeDialog({ model, asked, onClose }: { model: Model; asked: Asked; onClose(): void }) {
  const t = useText(playgroundTexts);
  const [language, setLanguage] = useState<"curl" | "python">("curl");
  const text = (language === "curl" ? asCurl : asPython)(location.origin, model.id, asked);
  return (
    <Sheet open onClose={onClose} title={t("asCode")} description={t("codeText")}>
      <Tabs label={t("asCode")} value={language} onChange={(next) => setLanguage(next)} tabs={[{ value: "curl" as const, label: "curl" }, { value: "python" as const, label: "Python" }]}>
        <div className="relative">
          <div className="absolute top-2 right-2"><CopyButton text={text} label={t("copyCode")} /></div>
          <pre tabIndex={0} role="region" aria-label={t("asCode")} className="card overflow-x-auto p-3 pr-12 font-mono text-xs leading-5 break-all whitespace-pre-wrap">{text}</pre>
        </div>
      </Tabs>
    </Sheet>
  );
}
