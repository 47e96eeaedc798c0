import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { Info, Play, TriangleAlert, X } from "lucide-react";
import { useText } from "@/i18n";
import { Button } from "@/ui/button";
import type { Arrived } from "./arrive";
import { playgroundTexts } from "./i18n";
import type { Lost } from "./replay";

/** Where the conversation is from, and what of it could not come along. */
export function Notice({ arrived, missing }: { arrived: Arrived | null; missing: boolean }) {
  const t = useText(playgroundTexts);
  const words = useLost();
  const [closed, setClosed] = useState(false);
  if (closed || (!missing && !arrived?.from)) return null;
  const lost = arrived?.lost ?? [];
  return (
    <section role="status" className="flex items-start gap-2.5 rounded-md bg-info-soft px-3 py-2 text-sm text-info">
      <Info aria-hidden className="mt-0.5 size-4 shrink-0" />
      <div className="grid min-w-0 flex-1 gap-1">
        {missing && <p>{t("keptElsewhere")}</p>}
        {arrived?.from && (
          <p>
            {arrived.from.kind === "trace" ? t("fromTrace") : t("fromRun")}{" "}
            <Link to={arrived.from.to.split("?")[0]} search={Object.fromEntries(new URLSearchParams(arrived.from.to.split("?")[1])) as never} className="font-medium underline">{t("backThere")}</Link>
          </p>
        )}
        {arrived?.wanted && <p className="font-medium">{t("noSuchModel", { name: arrived.wanted })}</p>}
        {lost.length > 0 && <>
          <p className="font-medium">{t("notCarried")}</p>
          <ul className="list-disc pl-5">{lost.map((one, index) => <li key={index}>{words(one)}</li>)}</ul>
        </>}
      </div>
      <Button variant="ghost" size="icon-sm" aria-label={t("closeNotice")} onClick={() => setClosed(true)}><X aria-hidden /></Button>
    </section>
  );
}

/** What has no place in the playground, in words. */
function useLost(): (lost: Lost) => string {
  const t = useText(playgroundTexts);
  return (lost) => {
    switch (lost.kind) {
      case "part": return t("lostPart", { name: lost.name });
      case "role": return t("lostRole", { name: lost.name });
      case "file": return t("lostFile", { name: lost.name });
      case "settings": return t("lostSetting", { name: lost.name });
      case "name": return t("lostName");
      case "picture": return t("lostPicture");
      case "calls": return t("lostCalls");
      case "retrieval": return t("lostRetrieval");
      case "tools": return t("lostTools");
    }
  };
}

/** Asks whether to run with names that have no value. */
export function MissingNotice({ names, onRun, onClose }: { names: readonly string[]; onRun(): void; onClose(): void }) {
  const t = useText(playgroundTexts);
  return (
    <section role="alert" className="flex flex-wrap items-center gap-x-3 gap-y-2 rounded-md bg-warn-soft px-3 py-2 text-sm text-warn">
      <TriangleAlert aria-hidden className="size-4 shrink-0" />
      <p className="min-w-0 flex-1"><span className="font-medium">{t("withoutValue", { n: names.length })}</span> <span className="font-mono text-xs break-words">{names.join(", ")}</span>. {t("withoutValueText")}</p>
      <Button size="sm" onClick={onRun}><Play aria-hidden />{t("runAnyway")}</Button>
      <Button variant="ghost" size="icon-sm" aria-label={t("closeNotice")} onClick={onClose}><X aria-hidden /></Button>
    </section>
  );
}
