import { ArrowDown, ArrowUp, Plus, Workflow, X } from "lucide-react";
import { useText } from "@/i18n";
import { textAt } from "@/resource/fields";
import type { ResourceForm } from "@/resource/form";
import { Button } from "@/ui/button";
import { Field } from "@/ui/field";
import { Input, Textarea } from "@/ui/input";
import { Section } from "@/ui/section";
import type { Graph } from "./graph/model";
import { scenarioTexts } from "./i18n";
import type { Scenario, ScenarioSpec } from "./kind";

type Form = ResourceForm<Scenario, ScenarioSpec>;

/** The course of a scenario without a graph: the user's turns one by one. */
export function ScriptForm({ form }: { form: Form }) {
  const t = useText(scenarioTexts);
  const turns = form.value.script ?? [];
  const put = (next: string[]) => form.set("/script", next);
  const move = (from: number, by: 1 | -1) => {
    const next = [...turns];
    const [turn] = next.splice(from, 1);
    next.splice(from + by, 0, turn ?? "");
    put(next);
  };
  return (
    <Section title={t("script")} actions={<Button size="sm" onClick={() => form.replace(graphOfScript(form.value))}><Workflow aria-hidden />{t("toGraph")}</Button>}>
      <p className="text-xs text-muted">{t("scriptHint")}</p>
      <ol className="grid gap-2">
        {turns.map((turn, index) => (
          // Turns have no name but their place.
          <li key={index} className="flex items-start gap-1">
            <Field className="flex-1" label={t("turn", { n: index + 1 })} pointer={`/script/${index}`}>
              <Textarea rows={2} value={turn} onChange={(event) => put(turns.with(index, event.target.value))} />
            </Field>
            <span className="flex pt-6">
              <Button variant="ghost" size="icon-sm" disabled={index === 0} aria-label={t("moveUp", { n: index + 1 })} onClick={() => move(index, -1)}><ArrowUp aria-hidden /></Button>
              <Button variant="ghost" size="icon-sm" disabled={index === turns.length - 1} aria-label={t("moveDown", { n: index + 1 })} onClick={() => move(index, 1)}><ArrowDown aria-hidden /></Button>
              <Button variant="ghost" size="icon-sm" disabled={turns.length === 1} aria-label={t("removeTurn", { n: index + 1 })} onClick={() => put(turns.filter((_, at) => at !== index))}><X aria-hidden /></Button>
            </span>
          </li>
        ))}
      </ol>
      <div><Button onClick={() => put([...turns, ""])}><Plus aria-hidden />{t("addTurn")}</Button></div>
    </Section>
  );
}

/** What the persona says first, where a model or a person plays it. */
export function PersonaCourse({ form }: { form: Form }) {
  const t = useText(scenarioTexts);
  return (
    <Section title={t("coursePersona")} actions={<Button size="sm" onClick={() => form.replace(graphOfScript(form.value))}><Workflow aria-hidden />{t("toGraph")}</Button>}>
      <p className="text-sm text-muted">{t("personaText")}</p>
      <Field label={t("situation")} pointer="/situation" hint={t("situationHint")}><Textarea rows={4} {...textAt(form, "/situation")} /></Field>
      <Field label={t("goal")} pointer="/goal" hint={t("goalHint")}><Textarea rows={2} {...textAt(form, "/goal")} /></Field>
      <Field label={t("opening")} pointer="/opening" hint={t("openingHint")}><Input {...textAt(form, "/opening", "absent")} /></Field>
    </Section>
  );
}

/** The graph that does what a script, or a conversation with a persona, does. */
export function graphOfScript({ script, opening, ...rest }: ScenarioSpec): ScenarioSpec {
  const nodes: Graph["nodes"] = [];
  const does = (does: Graph["nodes"][number]["does"], id: string) => nodes.push({ id, does, position: { x: 0, y: nodes.length * 130 } });
  does({ type: "start" }, "begin");
  (script?.length ? script : opening ? [opening] : []).forEach((say, index) => {
    does({ type: "persona_turn", say }, `ask_${index + 1}`);
    does({ type: "target_call" }, `answer_${index + 1}`);
  });
  if (!script?.length) does({ type: "converse" }, "talk");
  does({ type: "end" }, "done");
  const edges = nodes.slice(1).map((node, index) => ({ from: nodes[index]?.id ?? "", to: node.id }));
  return { ...rest, graph: { start: "begin", nodes, edges, max_steps: 100 } };
}
