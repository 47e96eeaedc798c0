import { Link } from "@tanstack/react-router";
import { useQuery } from "@tanstack/react-query";
import { ArrowUp, Plus, X } from "lucide-react";
import { request } from "@/api/client";
import type { Page } from "@/api/pages";
import { useBoth, useText } from "@/i18n";
import { LABEL_KINDS, LABEL_TARGETS, type LabelSchema } from "@/features/labels/kind";
import { numberAt, textAt } from "@/resource/fields";
import type { Draft } from "@/resource/draft";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { Combobox } from "@/ui/combobox";
import { Field } from "@/ui/field";
import { Checkbox, Input, Textarea } from "@/ui/input";
import { Section } from "@/ui/section";
import { queueFormTexts } from "./i18n-form";
import { PickPeople } from "./pick";
import type { Queue, QueueSpec } from "./queue";
import { RuleFields } from "./RuleFields";

/** The fields of a queue. What is asked is chosen once: `queue` is the one that is edited. */
export function QueueForm({ draft, queue }: { draft: Draft<QueueSpec>; queue?: Queue }) {
  const t = useText(queueFormTexts);
  const rules = draft.value.rules ?? [];
  return (
    <>
      <Section title={t("basics")}>
        <Field label={t("name")} pointer="/name" required><Input {...textAt(draft, "/name")} /></Field>
        <Field label={t("description")} pointer="/description"><Textarea rows={2} {...textAt(draft, "/description")} /></Field>
      </Section>
      <Section title={t("asked")}>{queue ? <Asked queue={queue} /> : <ChooseSchemas draft={draft} />}</Section>
      <Section title={t("working")}>
        <div className="grid gap-4 sm:grid-cols-3">
          <Field label={t("perItem")} pointer="/annotators_per_item"><Input min={1} max={10} placeholder="1" {...numberAt(draft, "/annotators_per_item")} /></Field>
          <Field label={t("lease")} pointer="/lease_s"><Input min={1} placeholder="15" {...numberAt(draft, "/lease_s", 60)} /></Field>
          <Field label={t("maxSkips")} pointer="/max_skips"><Input min={1} max={10} placeholder="2" {...numberAt(draft, "/max_skips")} /></Field>
        </div>
        <Field label={t("assignees")} pointer="/assignees" hint={t("assigneesHint")}>
          <PickPeople value={draft.value.assignees ?? []} onChange={(ids) => draft.set("/assignees", ids)} />
        </Field>
        <label className="flex items-start gap-2 text-sm">
          <Checkbox className="mt-0.5" checked={draft.value.show_scores ?? false} onChange={(event) => draft.set("/show_scores", event.target.checked)} />
          <span>{t("showScores")}<span className="block text-xs text-muted">{t("showScoresHint")}</span></span>
        </label>
      </Section>
      <Section
        title={t("rules")}
        actions={<label className="flex items-center gap-2 text-sm"><Checkbox checked={draft.value.enabled ?? true} onChange={(event) => draft.set("/enabled", event.target.checked)} />{t("enabled")}</label>}
      >
        {rules.map((_, index) => <RuleFields key={index} draft={draft} index={index} />)}
        <div>
          <Button size="sm" onClick={() => draft.set("/rules", [...rules, { name: `${t("ruleName")} ${rules.length + 1}`, when: { type: "score_between", low: 0.4, high: 0.6 } }])}>
            <Plus aria-hidden />{t("addRule")}
          </Button>
        </div>
      </Section>
    </>
  );
}

function Asked({ queue }: { queue: Queue }) {
  const both = useBoth();
  return (
    <ol className="grid gap-1.5">
      {queue.label_schemas.map(({ id, version, spec }) => (
        <li key={id} className="flex flex-wrap items-center gap-2 text-sm">
          <Link to={`/label-schemas/${id}`} className="font-medium hover:text-accent hover:underline">{spec.name}</Link>
          <Badge>{both(LABEL_KINDS[spec.kind])}</Badge><span className="text-muted">{both(LABEL_TARGETS[spec.target])} · v{version}</span>
        </li>
      ))}
    </ol>
  );
}

function ChooseSchemas({ draft }: { draft: Draft<QueueSpec> }) {
  const t = useText(queueFormTexts);
  const both = useBoth();
  const { data } = useQuery({
    queryKey: ["label-schemas", "to-choose"],
    queryFn: async ({ signal }) => (await request<Page<LabelSchema>>("GET", "/api/v1/label-schemas", { query: { limit: 200, sort: "name" }, signal })).data.data,
  });
  const all = data ?? [];
  const chosen = draft.value.label_schema_ids;
  const set = (ids: string[]) => draft.set("/label_schema_ids", ids);
  return (
    <div className="grid gap-2">
      <ol className="grid gap-1">
        {chosen.map((id, index) => {
          const schema = all.find((one) => one.id === id);
          const name = schema?.name ?? id;
          return (
            <li key={id} className="flex items-center gap-2 rounded-md bg-sunken/60 py-1 pr-1 pl-3 text-sm">
              <span className="font-medium">{name}</span>
              {schema && <Badge>{both(LABEL_KINDS[schema.kind])}</Badge>}
              <span className="ml-auto" />
              <Button variant="ghost" size="icon-sm" disabled={index === 0} aria-label={t("up", { name })} onClick={() => set(chosen.map((one, at) => (at === index - 1 ? id : at === index ? chosen[index - 1] ?? one : one)))}><ArrowUp aria-hidden /></Button>
              <Button variant="ghost" size="icon-sm" aria-label={t("remove", { name })} onClick={() => set(chosen.filter((one) => one !== id))}><X aria-hidden /></Button>
            </li>
          );
        })}
      </ol>
      <Field label={t("schemas")} pointer="/label_schema_ids" required hint={t("schemasHint")}>
        <Combobox
          value={null}
          placeholder={t("addSchema")}
          options={all.filter((one) => !chosen.includes(one.id)).map((one) => ({ value: one.id, label: one.name, hint: both(LABEL_KINDS[one.kind]) }))}
          onChange={(id) => set([...chosen, id])}
        />
      </Field>
      {data && all.length === 0 && <p className="text-sm">{t("noSchemas")} <Link to="/label-schemas/new" className="font-medium text-accent hover:underline">{t("newSchema")}</Link></p>}
    </div>
  );
}
