import { useEffect, useState } from "react";
import type { Change } from "diff";
import { useText } from "@/i18n";
import { cx } from "@/lib/cx";
import { uiTexts } from "./i18n";

/** Unchanged lines around a change. */
const CONTEXT = 3;

/** Two texts, line by line. Signs say what colours say. */
export function DiffView({ before, after, label }: { before: string; after: string; label?: string }) {
  const t = useText(uiTexts);
  const [changes, setChanges] = useState<Change[] | null>(null);
  useEffect(() => {
    let current = true;
    void import("diff").then(({ diffLines }) => {
      if (current) setChanges(diffLines(before, after));
    });
    return () => { current = false; };
  }, [before, after]);
  if (!changes) return <div className="card h-24 animate-pulse" />;
  if (changes.every((change) => !change.added && !change.removed)) return <p className="text-sm text-muted">{t("same")}</p>;
  return (
    <div tabIndex={0} role="region" aria-label={label} className="card overflow-x-auto py-2 font-mono text-xs leading-5">
      {changes.map((change, index) => (
        <Part key={index} change={change} first={index === 0} last={index === changes.length - 1} added={t("added")} removed={t("removed")} />
      ))}
    </div>
  );
}

function Part({ change, first, last, added, removed }: { change: Change; first: boolean; last: boolean; added: string; removed: string }) {
  const lines = change.value.replace(/\n$/, "").split("\n");
  if (change.added || change.removed) {
    return lines.map((line, index) => (
      <div key={index} className={cx("px-3 whitespace-pre-wrap", change.added ? "bg-good-soft text-good" : "bg-bad-soft text-bad")}>
        <span className="sr-only">{change.added ? added : removed}: </span>
        <span aria-hidden className="mr-3 select-none">{change.added ? "+" : "−"}</span>{line}
      </div>
    ));
  }
  const start = first ? [] : lines.slice(0, CONTEXT);
  const end = last ? [] : lines.slice(-CONTEXT);
  const short = lines.length <= start.length + end.length ? lines : [...start, null, ...end];
  return short.map((line, index) => (
    <div key={index} className="px-3 whitespace-pre-wrap text-muted">
      <span aria-hidden className="mr-3 select-none">{line === null ? "⋯" : " "}</span>{line}
    </div>
  ));
}
