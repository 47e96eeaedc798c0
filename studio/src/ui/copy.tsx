import { useState } from "react";
import { Check, Copy } from "lucide-react";
import { useText } from "@/i18n";
import { Button } from "./button";
import { uiTexts } from "./i18n";

/** Copies a text. */
export function CopyButton({ text, label }: { text: string; label?: string }) {
  const t = useText(uiTexts);
  const [done, setDone] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    setDone(true);
    setTimeout(() => setDone(false), 1500);
  };
  return (
    <Button variant="ghost" size="icon-sm" aria-label={done ? t("copied") : label ?? t("copy")} onClick={() => void copy()}>
      {done ? <Check aria-hidden /> : <Copy aria-hidden />}
    </Button>
  );
}
