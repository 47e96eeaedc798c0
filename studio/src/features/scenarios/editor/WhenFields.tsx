import { useText } from "@/i18n";
import { numberAt, textAt } from "@/resource/fields";
import { LinesField } from "@/resource/LinesField";
import { Field } from "@/ui/field";
import { Input, Select, Textarea } from "@/ui/input";
import { type NodeType, type When, type WhenName, whenName } from "../graph/model";
import { editorTexts } from "../i18n-editor";
import type { GraphEditor } from "./useGraphEditor";

/** What each condition is before anyone has said more. */
const FIRST: Record<WhenName, When> = {
  answer_contains: { answer_contains: "" },
  answer_contains_any: { answer_contains_any: [] },
  tool_called: { tool_called: "" },
  turns_at_least: { turns_at_least: 3 },
  score_below: { score_below: { metric: "", value: 0.5 } },
  sentiment: { sentiment: "negative" },
  judge: { judge: "" },
  expression: { expression: "" },
  again: { again: {} },
};
const ASKED: readonly WhenName[] = ["answer_contains", "answer_contains_any", "tool_called", "turns_at_least", "score_below", "sentiment", "judge", "expression"];

/** When an edge is taken. What can be asked depends on the node that it leads away from. */
export function WhenFields({ fields, at, when, from }: { fields: GraphEditor["fields"]; at: string; when: When | null | undefined; from: NodeType | undefined }) {
  const t = useText(editorTexts);
  const name = when ? whenName(when) : "";
  const offered = from === "loop" ? (["again"] as const) : from === "condition" ? ASKED : [];
  const names = name && !offered.includes(name as never) ? [name, ...offered] : offered;
  const value = `${at}/${name}`;
  return (
    <>
      <Field label={t("when")} pointer={at} hint={names.length === 0 ? t("whenHint") : undefined}>
        <Select value={name} disabled={names.length === 0} onChange={(event) => fields.set(at, event.target.value ? FIRST[event.target.value as WhenName] : undefined)}>
          <option value="">{t(from === "condition" || from === "loop" ? "whenElse" : "whenAlways")}</option>
          {names.map((one) => <option key={one} value={one}>{t(one === "expression" ? "expressionIs" : one)}</option>)}
        </Select>
      </Field>
      {name === "answer_contains" && <Field label={t("answer_contains")} pointer={value}><Input {...textAt(fields, value)} /></Field>}
      {name === "answer_contains_any" && <LinesField form={fields} pointer={value} label={t("answer_contains_any")} hint={t("onePerLine")} keep />}
      {name === "tool_called" && <Field label={t("tool")} pointer={value}><Input {...textAt(fields, value)} /></Field>}
      {name === "turns_at_least" && <Field label={t("turns_at_least")} pointer={value}><Input min={1} {...numberAt(fields, value)} /></Field>}
      {name === "judge" && <Field label={t("judge")} pointer={value}><Textarea rows={2} {...textAt(fields, value)} /></Field>}
      {name === "expression" && <Field label={t("expression")} pointer={value}><Textarea rows={2} className="font-mono text-xs" spellCheck={false} {...textAt(fields, value)} /></Field>}
      {name === "sentiment" && (
        <Field label={t("sentiment")} pointer={value}>
          <Select value={fields.text(value)} onChange={(event) => fields.set(value, event.target.value)}>
            <option value="positive">{t("positive")}</option><option value="neutral">{t("neutral")}</option><option value="negative">{t("negative")}</option>
          </Select>
        </Field>
      )}
      {name === "score_below" && (
        <div className="grid grid-cols-2 gap-3">
          <Field label={t("metricName")} pointer={`${value}/metric`}><Input {...textAt(fields, `${value}/metric`)} /></Field>
          <Field label={t("bound")} pointer={`${value}/value`}><Input min={0} max={1} step={0.05} {...numberAt(fields, `${value}/value`)} /></Field>
        </div>
      )}
    </>
  );
}
