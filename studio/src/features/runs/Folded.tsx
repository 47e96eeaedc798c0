import { useState } from "react";
import { useText } from "@/i18n";
import { Button } from "@/ui/button";
import { runTexts } from "./i18n";

/** Longer texts show their beginning until somebody asks for all. */
const LONG = 320;

/** A text of any length, as text. */
export function Folded({ text }: { text: string }) {
  const t = useText(runTexts);
  const [all, setAll] = useState(false);
  const long = text.length > LONG;
  return (
    <span className="wrap-anywhere whitespace-pre-wrap">
      {long && !all ? `${text.slice(0, LONG)}…` : text}
      {long && <Button variant="ghost" size="sm" onClick={() => setAll(!all)}>{all ? t("showLess") : t("showMore")}</Button>}
    </span>
  );
}
