import { useText } from "@/i18n";
import { cx } from "@/lib/cx";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { Field } from "@/ui/field";
import { Input, Select } from "@/ui/input";
import { JsonView } from "@/ui/json-view";
import { describeWhen } from "../graph/describe";
import type { Graph } from "../graph/model";
import { outer } from "../graph/path";
import { editorTexts } from "../i18n-editor";
import { type Assumptions, type Check, NO_ASSUMPTIONS } from "../useCheck";
import { useWords } from "./words";

/** The path that a run would take, and what is assumed of what only a call could tell. */
export function DryRunPane({ graph, check, assumptions, onAssume, onVisit }: {
  graph: Graph;
  check: Check | undefined;
  assumptions: Assumptions;
  onAssume(next: Assumptions): void;
  onVisit(node: string): void;
}) {
  const t = useText(editorTexts);
  const dry = check?.dry;
  const failed = dry?.path.find((visit) => visit.error);
  return (
    <div className="grid gap-4">
      <p className="text-xs text-muted">{t("dryText")}</p>
      <Assume graph={graph} assumptions={assumptions} onAssume={onAssume} />
      {!dry ? check && <p className="rounded-md bg-warn-soft px-3 py-2 text-sm text-warn">{t("dryBroken")}</p> : (
        <>
          <p className="grid justify-items-start gap-1 text-sm"><Badge dot tone={dry.ends ? "good" : failed ? "bad" : "warn"}>{dry.ends ? t("dryEnds", { n: dry.path.length }) : failed ? t("dryError") : t("dryStops")}</Badge>{failed && <span className="text-xs text-bad">{failed.error}</span>}</p>
          <ol aria-label={t("path")} className="grid gap-px">
            {dry.path.map((visit, index) => (
              <li key={index}>
                <button type="button" onClick={() => onVisit(outer(visit.node))} className="flex w-full items-baseline gap-2 rounded-md px-1.5 py-1 text-left hover:bg-sunken">
                  <span className="w-5 shrink-0 text-right text-2xs text-muted tabular-nums">{visit.step + 1}</span>
                  <span className="min-w-0 flex-1">
                    <span className="font-mono text-xs font-medium">{visit.node}</span>
                    <span className={cx("block text-xs wrap-anywhere", visit.error ? "text-bad" : "text-muted")}>{visit.error ?? visit.does}</span>
                  </span>
                  {visit.calls && <Badge>{t("calls_")}</Badge>}
                </button>
              </li>
            ))}
          </ol>
          {Object.keys((dry.variables ?? {}) as object).length > 0 && <div className="grid gap-1"><h3 className="text-sm font-medium">{t("variablesAfter")}</h3><JsonView value={dry.variables} search={false} /></div>}
        </>
      )}
    </div>
  );
}

/** Replies, ways and answers, for the nodes that have such. */
function Assume({ graph, assumptions, onAssume }: { graph: Graph; assumptions: Assumptions; onAssume(next: Assumptions): void }) {
  const t = useText(editorTexts);
  const words = useWords();
  const conditions = graph.nodes.filter((node) => node.does.type === "condition");
  const asked = graph.nodes.filter((node) => node.does.type === "wait_for_person" || node.does.type === "trigger");
  const replying = graph.nodes.filter((node) => ["target_call", "task", "converse", "tool"].includes(node.does.type));
  const put = (field: keyof Assumptions, id: string, value: unknown) => {
    const { [id]: _, ...rest } = assumptions[field] as Record<string, unknown>;
    onAssume({ ...assumptions, [field]: value === undefined ? rest : { ...rest, [id]: value } });
  };
  if (conditions.length + asked.length + replying.length === 0) return null;
  const any = Object.values(assumptions).some((one) => Object.keys(one as object).length > 0);
  return (
    <section className="grid gap-3">
      <header className="flex items-center justify-between"><h3 className="text-sm font-medium">{t("assume")}</h3>{any && <Button size="sm" variant="ghost" onClick={() => onAssume(NO_ASSUMPTIONS)}>{t("clearAssumed")}</Button>}</header>
      {conditions.map((node) => {
        const out = graph.edges.filter((edge) => edge.from === node.id);
        // The server counts the one without a condition as the last.
        const ways = [...out.filter((edge) => edge.when), ...out.filter((edge) => !edge.when)];
        return (
          <Field key={node.id} label={t("assumeWay", { name: node.label || node.id })}>
            <Select value={String(assumptions.ways[node.id] ?? "")} onChange={(event) => put("ways", node.id, event.target.value === "" ? undefined : Number(event.target.value))}>
              <option value="">{t("assumeAsRun")}</option>
              {ways.map((edge, index) => <option key={index} value={index}>{`${edge.to} (${describeWhen(edge.when, "condition", words)})`}</option>)}
            </Select>
          </Field>
        );
      })}
      {replying.map((node) => (
        <Field key={node.id} label={t("assumeReply", { name: node.label || node.id })}>
          <Input value={assumptions.replies[node.id] ?? ""} onChange={(event) => put("replies", node.id, event.target.value || undefined)} />
        </Field>
      ))}
      {asked.map((node) => (
        <Field key={node.id} label={t("assumeAnswer", { name: node.label || node.id })}>
          <Input value={String(assumptions.answers[node.id] ?? "")} onChange={(event) => put("answers", node.id, event.target.value || undefined)} />
        </Field>
      ))}
    </section>
  );
}
