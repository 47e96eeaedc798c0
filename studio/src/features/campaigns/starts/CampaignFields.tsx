import { useMutation } from "@tanstack/react-query";
import { type ReactNode, useEffect, useMemo, useState } from "react";
import { api, unwrap } from "@/api/client";
import { useText } from "@/i18n";
import type { Draft } from "@/resource/draft";
import { Field, FieldErrors } from "@/ui/field";
import { messageOf } from "@/ui/states";
import { Tabs } from "@/ui/tabs";
import { toastError } from "@/ui/toast";
import { CampaignPicker } from "../CampaignPicker";
import { AgentsStep } from "../wizard/AgentsStep";
import { CasesStep } from "../wizard/CasesStep";
import { FormContext, type SpecForm } from "../wizard/form";
import { wizardTexts } from "../wizard/i18n";
import { MetricsStep } from "../wizard/MetricsStep";
import { ModelsStep } from "../wizard/ModelsStep";
import { RunStep } from "../wizard/RunStep";
import { copyOf, type Spec, STEPS, type Step, stepOf } from "../wizard/spec";
import { startsTexts } from "./i18n";

const PARTS: Record<Step, () => ReactNode> = { agents: () => <AgentsStep />, cases: () => <CasesStep />, metrics: () => <MetricsStep />, models: () => <ModelsStep />, run: () => <RunStep /> };

/** What a document that starts campaigns has of one. */
export interface WithCampaign {
  campaign: Spec;
}

/** The campaign at `/campaign` of a form: all that the page of a new campaign asks, to begin with like one that was. */
export function CampaignFields<T extends WithCampaign>({ draft }: { draft: Draft<T> }) {
  const t = useText(startsTexts);
  const wizard = useText(wizardTexts);
  const [step, setStep] = useState<Step>("agents");
  const [from, setFrom] = useState("");
  const errors = useMemo(() => within(draft.errors), [draft.errors]);
  useEffect(() => {
    const first = STEPS.find((one) => [...errors.keys()].some((at) => stepOf(at) === one));
    if (first) setStep(first);
  }, [errors]);
  const take = useMutation({
    mutationFn: (id: string) => unwrap(api.GET("/api/v1/campaigns/{id}", { params: { path: { id } } })),
    onSuccess: ({ spec, name }) => draft.set("/campaign", copyOf(spec, name)),
    onError: (error) => { setFrom(""); toastError(messageOf(error, t("failed"))); },
  });
  const form: SpecForm = {
    value: draft.value.campaign,
    get: (pointer) => draft.get(`/campaign${pointer}`),
    text: (pointer) => draft.text(`/campaign${pointer}`),
    set: (pointer, value) => draft.set(`/campaign${pointer}`, value),
  };
  const wrong = (one: Step) => [...errors.keys()].filter((at) => stepOf(at) === one).length;
  return (
    <section aria-label={t("campaign")} data-pointer="/campaign" className="grid gap-3">
      <h2 className="font-semibold">{t("campaign")}</h2>
      <Field label={t("template")} hint={t("templateHint")} className="max-w-md">
        <CampaignPicker value={from} onChange={(id) => { setFrom(id); take.mutate(id); }} not="" placeholder={t("chooseTemplate")} />
      </Field>
      <FormContext value={form}>
        <FieldErrors value={errors}>
          <Tabs
            label={t("campaign")} value={step} onChange={(next) => setStep(next as Step)}
            tabs={STEPS.map((one) => ({ value: one, label: wrong(one) > 0 ? `${wizard(`step_${one}`)} (${wizard("wrong")})` : wizard(`step_${one}`) }))}
          >
            {/* Another campaign's settings come into fresh fields. */}
            <div key={take.submittedAt} className="grid gap-4">{PARTS[step]()}</div>
          </Tabs>
        </FieldErrors>
      </FormContext>
    </section>
  );
}

/** Complaints about the campaign, as the fields of its steps know them. One agent is sent as `agent_id`. */
const within = (errors: ReadonlyMap<string, string>): ReadonlyMap<string, string> =>
  new Map([...errors].filter(([at]) => at.startsWith("/campaign/")).map(([at, text]) => {
    const own = at.slice("/campaign".length);
    return [own === "/agent_id" ? "/agents" : own, text];
  }));
