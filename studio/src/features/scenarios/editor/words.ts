import { useMemo } from "react";
import { useText } from "@/i18n";
import type { Words } from "../graph/describe";
import { editorTexts } from "../i18n-editor";

/** The words that nodes and edges are described with, in the language of the moment. */
export function useWords(): Words {
  const t = useText(editorTexts);
  return useMemo(() => ({
    otherwise: t("otherwise"), again: t("againWord"), over: t("over"), byModel: t("byModel"), contains: t("contains"), containsOne: t("containsOne"), calls: t("calls"),
    turns: t("turns"), sounds: t("sounds"), passed: t("passed"), failed: t("failed"), times: t("timesWord"), seconds: t("secondsWord"), each: t("each"), while: t("while"),
  }), [t]);
}
