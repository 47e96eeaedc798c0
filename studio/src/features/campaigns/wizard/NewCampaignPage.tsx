import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useEffect, useMemo, useRef, useState } from "react";
import { Rocket } from "lucide-react";
import { api, unwrap } from "@/api/client";
import { ApiError } from "@/api/error";
import { useMay } from "@/api/me";
import { useCatalogue } from "@/features/metrics/kind";
import { useText } from "@/i18n";
import { cx } from "@/lib/cx";
import { useShortcuts } from "@/lib/keyboard";
import { useUrlState } from "@/lib/url-state";
import { keptDraft, useUnsaved } from "@/resource/kept";
import { Button } from "@/ui/button";
import { FieldErrors } from "@/ui/field";
import { LoadedPage } from "@/ui/loaded-page";
import { Page } from "@/ui/page";
import { messageOf, NoPermission } from "@/ui/states";
import { toast } from "@/ui/toast";
import { useCampaign } from "../data";
import { AgentsStep } from "./AgentsStep";
import { CasesStep } from "./CasesStep";
import { EstimateCard } from "./EstimateCard";
import { FormContext, formOver } from "./form";
import { wizardTexts } from "./i18n";
import { MetricsStep } from "./MetricsStep";
import { ModelsStep } from "./ModelsStep";
import { RunStep } from "./RunStep";
import { copyOf, NEW, type Spec, STEPS, type Step, stepOf, written } from "./spec";

const PARTS: Record<Step, () => React.ReactNode> = { agents: () => <AgentsStep focus />, cases: () => <CasesStep />, metrics: () => <MetricsStep />, models: () => <ModelsStep />, run: () => <RunStep /> };

/** A campaign is put together; `from` names one to copy, `agent`, `dataset` and `scenario` what is chosen already. */
export default function NewCampaignPage() {
  const t = useText(wizardTexts);
  const mayRun = useMay("campaigns_run");
  const given = useSearch({ strict: false }) as { from?: string; agent?: string; dataset?: string; scenario?: string; persona?: string };
  const from = useCampaign(given.from ?? "", Boolean(given.from));
  const frame = { title: t("title"), back: { to: "/campaigns", label: t("all") } };
  if (!mayRun) return <Page {...frame}><NoPermission /></Page>;
  if (given.from && !from.data) return <LoadedPage query={from} {...frame}>{() => null}</LoadedPage>;
  const initial: Spec = from.data ? copyOf(from.data.spec, t("copyOf", { name: from.data.name })) : {
    ...NEW,
    ...(given.agent ? { agents: [{ id: given.agent }] } : {}),
    ...(given.dataset ? { dataset_id: given.dataset } : {}),
    ...(given.scenario ? { scenario_ids: [given.scenario] } : {}),
    ...(given.persona ? { persona_ids: [given.persona] } : {}),
  };
  return <Wizard key={given.from ?? ""} initial={initial} />;
}

function Wizard({ initial }: { initial: Spec }) {
  const t = useText(wizardTexts);
  const navigate = useNavigate();
  const client = useQueryClient();
  const [state, setState] = useUrlState({ step: "agents" });
  const step = STEPS.find((one) => one === state.step) ?? "agents";
  const place = STEPS.indexOf(step);
  const [draft, setDraft] = useState(() => keptDraft<Spec>("campaign"));
  const [begun] = useState(initial);
  const spec = draft ?? begun;
  const started = useRef(false);
  const main = useRef<HTMLFormElement>(null);
  const kinds = useCatalogue();
  const start = useMutation({
    mutationFn: () => unwrap(api.POST("/api/v1/campaigns", { body: written(spec) as never })),
    onSuccess: (campaign) => {
      started.current = true;
      client.setQueryData(["campaigns", "one", campaign.id], campaign);
      void client.invalidateQueries({ queryKey: ["campaigns", "list"] });
      toast(t("started", { name: campaign.name }));
      void navigate({ to: `/campaigns/${campaign.id}` });
    },
    onError: (error) => {
      const first = error instanceof ApiError ? STEPS.find((one) => [...error.fields.keys()].some((at) => stepOf(at) === one)) : undefined;
      if (first) setState({ step: first }, { push: true });
    },
  });
  const errors = useMemo(() => (start.error instanceof ApiError ? aliased(start.error.fields) : new Map<string, string>()), [start.error]);
  useUnsaved("campaign", draft, t("unsaved"), started);
  useEffect(() => {
    if (errors.size > 0) main.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
  }, [errors, step]);
  useShortcuts([{ keys: "Mod+Enter", label: { en: "Start the campaign", vi: "Bắt đầu chiến dịch" }, whileTyping: true, run: () => { if (!start.isPending) start.mutate(); } }]);
  const form = formOver(spec, (next) => {
    if (start.error) start.reset();
    setDraft((before) => next(before ?? begun));
  });
  const go = (to: number) => setState({ step: STEPS[to] ?? "agents" }, { push: true });
  const wrong = (one: Step) => [...errors.keys()].filter((at) => stepOf(at) === one).length;
  const startButton = <Button variant="primary" busy={start.isPending} onClick={() => start.mutate()}><Rocket aria-hidden />{t("start")}</Button>;
  return (
    <Page title={t("title")} back={{ to: "/campaigns", label: t("all") }}>
      <FormContext value={form}>
        <FieldErrors value={errors}>
          <div className="grid grid-cols-1 items-start gap-5 lg:grid-cols-[12rem_minmax(0,1fr)_18rem]">
            <nav aria-label={t("steps")} className="min-w-0 lg:sticky lg:top-4">
              <ol className="flex gap-1 overflow-x-auto lg:grid">
                {STEPS.map((one, index) => (
                  <li key={one}>
                    <button
                      type="button" aria-current={one === step ? "step" : undefined} onClick={() => go(index)}
                      className={cx("flex w-full items-center gap-2.5 rounded-md px-2.5 py-1.5 text-left text-sm whitespace-nowrap hover:bg-sunken", one === step && "bg-accent-soft font-semibold text-accent-strong")}
                    >
                      <span aria-hidden className={cx("grid size-5 shrink-0 place-items-center rounded-full text-2xs tabular-nums", wrong(one) > 0 ? "bg-bad-soft text-bad" : one === step ? "bg-accent text-on-accent" : "bg-sunken text-muted")}>{wrong(one) > 0 ? "!" : index + 1}</span>
                      {t(`step_${one}`)}
                      {wrong(one) > 0 && <span className="sr-only">: {t("wrong")}</span>}
                    </button>
                  </li>
                ))}
              </ol>
            </nav>
            <form ref={main} noValidate onSubmit={(event) => { event.preventDefault(); if (place < STEPS.length - 1) go(place + 1); else start.mutate(); }} className="grid min-w-0 gap-4">
              <p className="text-sm text-muted">{t(`text_${step}`)}</p>
              {start.error && (
                <p role="alert" className="rounded-md bg-bad-soft px-3 py-2 text-sm text-bad">
                  {errors.size > 0 ? t("fixErrors", { n: errors.size }) : messageOf(start.error, t("failed"))}
                  {/* A complaint about what has no field of its own is told in full. */}
                  {[...errors].filter(([at]) => stepOf(at) === "run" && !/^\/(repetitions|concurrency|max_attempts|pace|seed|priority|tags|budget|gate)/.test(at)).map(([at, text]) => ` ${at}: ${text}`)}
                </p>
              )}
              {PARTS[step]()}
              <div className="flex gap-2 border-t border-line pt-3">
                {place > 0 && <Button onClick={() => go(place - 1)}>{t("back")}</Button>}
                {place < STEPS.length - 1 ? <Button type="submit" variant="primary">{t("next")}</Button> : startButton}
              </div>
            </form>
            <div className="grid gap-3 lg:sticky lg:top-4">
              <EstimateCard spec={spec} kinds={kinds.data ?? []} />
              {place < STEPS.length - 1 && startButton}
            </div>
          </div>
        </FieldErrors>
      </FormContext>
    </Page>
  );
}

/** One agent is sent as `agent_id`, and what is wrong with it belongs to the list that the page shows. */
const aliased = (fields: ReadonlyMap<string, string>): ReadonlyMap<string, string> =>
  new Map([...fields].map(([at, text]) => [at === "/agent_id" ? "/agents" : at, text]));
