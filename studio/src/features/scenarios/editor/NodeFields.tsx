import { useText } from "@/i18n";
import { JsonField, numberAt, textAt, tickAt } from "@/resource/fields";
import { useResources } from "@/resource/data";
import { Combobox } from "@/ui/combobox";
import { Field } from "@/ui/field";
import { Checkbox, Input, Select, Textarea } from "@/ui/input";
import { MetricFields, MetricList } from "../MetricFields";
import type { Does } from "../graph/model";
import { scenarioKind } from "../kind";
import { programKind } from "@/features/programs/kind";
import { editorTexts } from "../i18n-editor";
import type { GraphEditor } from "./useGraphEditor";

type Fields = GraphEditor["fields"];
interface Props<T extends Does["type"]> { fields: Fields; at: string; does: Extract<Does, { type: T }> }

/** What a node does: the fields that its type has in the API. */
export function NodeFields({ fields, at, does }: { fields: Fields; at: string; does: Does }) {
  const t = useText(editorTexts);
  switch (does.type) {
    case "persona_turn": return <>
      <Field label={t("say")} pointer={`${at}/say`} hint={t("sayHint")}><Textarea rows={3} {...textAt(fields, `${at}/say`, "absent")} /></Field>
      {!does.say && <Field label={t("instructions")} pointer={`${at}/instructions`}><Textarea rows={3} {...textAt(fields, `${at}/instructions`, "absent")} /></Field>}
    </>;
    case "converse": return <Field label={t("maxTurns")} pointer={`${at}/max_turns`}><Input min={1} max={100} {...numberAt(fields, `${at}/max_turns`)} /></Field>;
    case "task": return <>
      <Field label={t("instruction")} pointer={`${at}/instruction`} required><Textarea rows={3} {...textAt(fields, `${at}/instruction`)} /></Field>
      <Output fields={fields} at={at} />
    </>;
    case "wait_for_person": return <>
      <Field label={t("question")} pointer={`${at}/question`} required><Textarea rows={3} {...textAt(fields, `${at}/question`)} /></Field>
      <Output fields={fields} at={at} />
      <Tick fields={fields} pointer={`${at}/as_user`} label={t("asUser")} />
    </>;
    case "evaluate": return <MetricList form={fields} pointer={`${at}/metrics`} hint={t("metricsHint")} />;
    case "expectation": return <>
      <MetricFields form={fields} pointer={`${at}/metric`} />
      <Field label={t("severity")} pointer={`${at}/severity`}>
        <Select value={does.severity ?? "major"} onChange={(event) => fields.set(`${at}/severity`, event.target.value === "major" ? undefined : event.target.value)}>
          <option value="critical">{t("critical")}</option><option value="major">{t("major")}</option><option value="minor">{t("minor")}</option>
        </Select>
      </Field>
    </>;
    case "tool_mock": return <>
      <Field label={t("tool")} pointer={`${at}/tool`} required><Input {...textAt(fields, `${at}/tool`)} /></Field>
      <JsonField form={fields} pointer={`${at}/output`} label={t("answers")} />
    </>;
    case "tool": return <RequestFields fields={fields} at={at} does={does} />;
    case "code": return <CodeFields fields={fields} at={at} does={does} />;
    case "transform": return <>
      <Field label={t("template")} pointer={`${at}/template`} hint={t("sayHint")} required><Textarea rows={4} className="font-mono text-xs" {...textAt(fields, `${at}/template`)} /></Field>
      <Tick fields={fields} pointer={`${at}/json`} label={t("asJson")} />
      <Output fields={fields} at={at} required />
    </>;
    case "wait": return <Field label={t("seconds")} pointer={`${at}/seconds`} required><Input min={0} step="any" {...numberAt(fields, `${at}/seconds`)} /></Field>;
    case "loop": return <LoopFields fields={fields} at={at} does={does} />;
    case "trigger": return <TriggerFields fields={fields} at={at} does={does} />;
    case "sub_scenario": return <SubFields fields={fields} at={at} does={does} />;
    case "end": return (
      <Field label={t("result")} pointer={`${at}/result`}>
        <Select value={does.result ?? ""} onChange={(event) => fields.set(`${at}/result`, event.target.value || undefined)}>
          <option value="">{t("resultNone")}</option><option value="passed">{t("resultPassed")}</option><option value="failed">{t("resultFailed")}</option>
        </Select>
      </Field>
    );
    default: return null;
  }
}

/** The variable that takes what a node comes to. */
function Output({ fields, at, required }: { fields: Fields; at: string; required?: boolean }) {
  const t = useText(editorTexts);
  return <Field label={required ? t("outputValue") : t("output")} pointer={`${at}/output`} {...(required ? { required } : {})}><Input className="font-mono text-xs" spellCheck={false} {...textAt(fields, `${at}/output`, required ? "text" : "absent")} /></Field>;
}

const Tick = ({ fields, pointer, label }: { fields: Fields; pointer: string; label: string }) => (
  <label className="flex items-center gap-2 text-sm"><Checkbox {...tickAt(fields, pointer)} />{label}</label>
);

function RequestFields({ fields, at, does }: Props<"tool">) {
  const t = useText(editorTexts);
  return <>
    <Field label={t("method")} pointer={`${at}/method`}>
      <Select value={does.method ?? "GET"} onChange={(event) => fields.set(`${at}/method`, event.target.value)}>
        {["GET", "POST", "PUT", "PATCH", "DELETE"].map((method) => <option key={method}>{method}</option>)}
      </Select>
    </Field>
    <Field label={t("url")} pointer={`${at}/url`} hint={t("urlHint")} required><Input className="font-mono text-xs" spellCheck={false} inputMode="url" {...textAt(fields, `${at}/url`)} /></Field>
    <JsonField form={fields} pointer={`${at}/headers`} label={t("headers")} hint={t("headersHint")} />
    <Field label={t("body")} pointer={`${at}/body`} hint={t("sayHint")}><Textarea rows={3} className="font-mono text-xs" {...textAt(fields, `${at}/body`, "absent")} /></Field>
    <Output fields={fields} at={at} />
    <Tick fields={fields} pointer={`${at}/any_status`} label={t("anyStatus")} />
  </>;
}

function CodeFields({ fields, at, does }: Props<"code">) {
  const t = useText(editorTexts);
  const programs = useResources(programKind, { sort: "name" });
  const byProgram = does.program_id !== undefined && does.program_id !== null;
  const choose = (program: boolean) => fields.set(at, program
    ? { type: "code", program_id: "", output: does.output }
    : { type: "code", expression: "", output: does.output });
  return <>
    <Field label={t("codeBy")}>
      <Select value={byProgram ? "program" : "expression"} onChange={(event) => choose(event.target.value === "program")}>
        <option value="expression">{t("byExpression")}</option><option value="program">{t("byProgram")}</option>
      </Select>
    </Field>
    {byProgram ? <>
      <Field label={t("program")} pointer={`${at}/program_id`} required>
        <Combobox value={does.program_id || null} options={programs.rows.map((one) => ({ value: one.id, label: one.name, hint: one.description }))} onChange={(id) => fields.set(`${at}/program_id`, id)} />
      </Field>
      <Field label={t("input")} pointer={`${at}/input`} hint={t("inputHint")}><Textarea rows={2} className="font-mono text-xs" spellCheck={false} {...textAt(fields, `${at}/input`, "absent")} /></Field>
    </> : <Field label={t("expression")} pointer={`${at}/expression`} required><Textarea rows={3} className="font-mono text-xs" spellCheck={false} placeholder="number + 1" {...textAt(fields, `${at}/expression`)} /></Field>}
    <Output fields={fields} at={at} required />
  </>;
}

function LoopFields({ fields, at, does }: Props<"loop">) {
  const t = useText(editorTexts);
  const by = does.each != null ? "each" : does.while != null ? "while" : "times";
  const choose = (next: string) => {
    const { each: _, while: __, ...rest } = does;
    fields.set(at, { ...rest, ...(next === "each" ? { each: "" } : next === "while" ? { while: "" } : {}) });
  };
  return <>
    <Field label={t("loopBy")}>
      <Select value={by} onChange={(event) => choose(event.target.value)}>
        <option value="times">{t("loopTimes")}</option><option value="while">{t("loopWhile")}</option><option value="each">{t("loopEach")}</option>
      </Select>
    </Field>
    {by !== "times" && <Field label={t(by === "while" ? "whileExpr" : "eachExpr")} pointer={`${at}/${by}`} required><Textarea rows={2} className="font-mono text-xs" spellCheck={false} {...textAt(fields, `${at}/${by}`)} /></Field>}
    <Field label={t("times")} pointer={`${at}/times`}><Input min={1} max={1000} placeholder="10" {...numberAt(fields, `${at}/times`)} /></Field>
    <Field label={t("item")} pointer={`${at}/item`}><Input className="font-mono text-xs" spellCheck={false} placeholder="item" {...textAt(fields, `${at}/item`, "absent")} /></Field>
  </>;
}

function TriggerFields({ fields, at, does }: Props<"trigger">) {
  const t = useText(editorTexts);
  const on = Object.keys(does.on)[0] ?? "manual";
  return <>
    <Field label={t("on")} pointer={`${at}/on`}>
      <Select value={on} onChange={(event) => fields.set(`${at}/on`, event.target.value === "cron" ? { cron: "0 9 * * *" } : { [event.target.value]: {} })}>
        <option value="manual">{t("manual")}</option><option value="webhook">{t("webhook")}</option><option value="cron">{t("cron")}</option>
      </Select>
    </Field>
    {on === "cron" && <Field label={t("cronExpr")} pointer={`${at}/on/cron`} required><Input className="font-mono text-xs" spellCheck={false} {...textAt(fields, `${at}/on/cron`)} /></Field>}
    <Output fields={fields} at={at} />
  </>;
}

function SubFields({ fields, at, does }: Props<"sub_scenario">) {
  const t = useText(editorTexts);
  const scenarios = useResources(scenarioKind, { sort: "name" });
  return <>
    <Field label={t("subScenario")} pointer={`${at}/scenario_id`} required>
      <Combobox value={does.scenario_id || null} options={scenarios.rows.map((one) => ({ value: one.id, label: one.name }))} onChange={(id) => fields.set(`${at}/scenario_id`, id)} />
    </Field>
    <JsonField form={fields} pointer={`${at}/inputs`} label={t("inputs")} hint={t("inputsHint")} />
  </>;
}
