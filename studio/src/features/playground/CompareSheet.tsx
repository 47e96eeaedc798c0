import { useEffect, useState } from "react";
import type { Model } from "@/features/models/kind";
import { useText } from "@/i18n";
import { cx } from "@/lib/cx";
import { cost, dateTime, duration, number } from "@/lib/format";
import { Sheet } from "@/ui/dialog";
import { DiffView } from "@/ui/diff-view";
import { Field } from "@/ui/field";
import { Select } from "@/ui/input";
import { Tabs } from "@/ui/tabs";
import { playgroundTexts } from "./i18n";
import { letterOf } from "./state";
import type { Call, Outcome, Panel } from "./types";
import type { Result } from "./useRuns";
import { type Piece, wordDiff } from "./word-diff";

interface Side {
  id: string;
  label: string;
  outcome: Outcome;
}

/** Two answers against each other: of panels as they are, or of any call of this visit. */
export function CompareSheet({ panels, results, calls, models, onClose }: {
  panels: readonly Panel[];
  results: Readonly<Record<string, Result>>;
  calls: readonly Call[];
  models: readonly Model[];
  onClose(): void;
}) {
  const t = useText(playgroundTexts);
  const [by, setBy] = useState<"words" | "lines">("words");
  const now = panels.flatMap((panel, index): Side[] => {
    const outcome = results[panel.id]?.outcome;
    const name = models.find((one) => one.id === panel.model)?.name ?? "";
    return outcome && outcome.text !== "" ? [{ id: panel.id, label: [t("panel", { letter: letterOf(index) }), name].filter(Boolean).join(" · "), outcome }] : [];
  });
  const shown = new Set(now.map((side) => side.outcome));
  const earlier = calls.filter((call) => call.outcome.text !== "" && !shown.has(call.outcome)).map((call): Side => ({ id: call.id, label: `${call.letter} · ${call.model} · ${dateTime(call.at)}`, outcome: call.outcome }));
  const all = [...now, ...earlier];
  const [left, setLeft] = useState(all[0]?.id ?? "");
  const [right, setRight] = useState(all[1]?.id ?? "");
  const [one, two] = [all.find((side) => side.id === left), all.find((side) => side.id === right)];
  const choose = (label: string, value: string, change: (id: string) => void) => (
    <Field label={label}>
      <Select value={value} onChange={(event) => change(event.target.value)}>
        {now.length > 0 && <optgroup label={t("now")}>{now.map((side) => <option key={side.id} value={side.id}>{side.label}</option>)}</optgroup>}
        {earlier.length > 0 && <optgroup label={t("earlier")}>{earlier.map((side) => <option key={side.id} value={side.id}>{side.label}</option>)}</optgroup>}
      </Select>
    </Field>
  );
  return (
    <Sheet open onClose={onClose} title={t("compareTitle")} description={t("compareText")} className="w-[min(60rem,100vw)]">
      {!one || !two ? <p className="text-sm text-muted">{t("fewAnswers")}</p> : (
        <div className="grid gap-4">
          <div className="grid gap-3 sm:grid-cols-2">{choose(t("first"), left, setLeft)}{choose(t("second"), right, setRight)}</div>
          <Numbers one={one} two={two} />
          <Tabs label={t("compareTitle")} value={by} onChange={(next) => setBy(next)} tabs={[{ value: "words" as const, label: t("byWords") }, { value: "lines" as const, label: t("byLines") }]}>
            {by === "words" ? <Words left={one.outcome.text} right={two.outcome.text} /> : <DiffView label={t("compareTitle")} before={one.outcome.text} after={two.outcome.text} />}
          </Tabs>
        </div>
      )}
    </Sheet>
  );
}

function Numbers({ one, two }: { one: Side; two: Side }) {
  const t = useText(playgroundTexts);
  const rows = [one, two].map(({ outcome }) => (outcome.state === "done" ? outcome.reply : null));
  const cells: [string, (reply: NonNullable<(typeof rows)[number]>) => string][] = [
    [t("latency"), (reply) => duration(reply.latency_ms)], [t("firstWord"), (reply) => duration(reply.first_text_ms)],
    [t("tokens"), (reply) => (reply.usage ? t("inOut", { in: number(reply.usage.input), out: number(reply.usage.output) }) : "–")], [t("cost"), (reply) => cost(reply.cost_usd)],
  ];
  return (
    <table className="w-full text-sm">
      <thead><tr><td />{[one, two].map((side, at) => <th key={at} scope="col" className="label px-2 pb-1 text-left">{side.label}</th>)}</tr></thead>
      <tbody>
        {cells.map(([name, cell]) => (
          <tr key={name} className="border-t border-line">
            <th scope="row" className="label py-1 pr-2 text-left">{name}</th>
            {rows.map((reply, at) => <td key={at} className="px-2 py-1">{reply ? cell(reply) : "–"}</td>)}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Both texts in one: what the first has alone is struck out, what the second has alone is underlined. */
function Words({ left, right }: { left: string; right: string }) {
  const t = useText(playgroundTexts);
  const [pieces, setPieces] = useState<readonly Piece[] | null>(null);
  useEffect(() => {
    let current = true;
    void wordDiff(left, right).then((found) => { if (current) setPieces(found); });
    return () => { current = false; };
  }, [left, right]);
  if (!pieces) return <div className="card h-24 animate-pulse" />;
  if (left === right) return <p className="text-sm text-muted">{t("same")}</p>;
  return (
    <div className="grid gap-2">
      <p className="text-xs text-muted"><del className="rounded-sm bg-bad-soft px-1 text-bad">{t("onlyFirst")}</del> <ins className="rounded-sm bg-good-soft px-1 text-good">{t("onlySecond")}</ins></p>
      <p className="card p-3 text-sm break-words whitespace-pre-wrap">
        {pieces.map((piece, at) => {
          const Tag = piece.only === "left" ? "del" : piece.only === "right" ? "ins" : "span";
          return <Tag key={at} className={cx(piece.only === "left" && "rounded-sm bg-bad-soft text-bad", piece.only === "right" && "rounded-sm bg-good-soft text-good")}>{piece.text}</Tag>;
        })}
      </p>
    </div>
  );
}
