import { useMutation, useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { Bot, FlaskConical } from "lucide-react";
import { type AgentSpec, PROTOCOLS } from "@/features/agents/kind";
import { agentOf } from "@/features/agents/paste";
import { useText } from "@/i18n";
import { cost, duration } from "@/lib/format";
import { trialTexts } from "@/resource/trial/i18n";
import { Said } from "@/resource/trial/TrialResult";
import { fieldsOf, type Result, tryUnsaved } from "@/resource/trial/unsaved";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { Field, FieldErrors } from "@/ui/field";
import { Input, Textarea } from "@/ui/input";
import { Facts } from "@/ui/section";
import { messageOf } from "@/ui/states";
import { agentTexts } from "@/features/agents/i18n";
import { welcomeTexts } from "./i18n";
import { Step } from "./Step";

/** An agent that was tried, and how it went. */
export interface Tried {
  spec: AgentSpec;
  result: Result;
}

const SAMPLE = "/sample-agent/v1";

/** Whether the sample agent is here. */
const useSample = () =>
  useQuery({
    queryKey: ["sample-agent"],
    staleTime: Infinity,
    retry: false,
    queryFn: async ({ signal }) => {
      const response = await fetch(`${SAMPLE}/models`, { signal, headers: { accept: "application/json" } });
      return response.ok && (response.headers.get("content-type") ?? "").includes("json");
    },
  });

/** The agent: pasted, read, tried. What could not be read from the command is asked for. Nothing is stored yet. */
export function AgentStep({ onTried }: { onTried(tried: Tried | null): void }) {
  const t = useText(welcomeTexts);
  const a = useText(agentTexts);
  const [pasted, setPasted] = useState("");
  const [more, setMore] = useState<Partial<AgentSpec>>({});
  const message = useText(trialTexts)("firstMessage");
  const trial = useMutation({ mutationFn: async (spec: AgentSpec): Promise<Tried> => ({ spec, result: await tryUnsaved("agents", spec, message) }) });
  const sample = useSample();
  const read = useMemo(() => agentOf(pasted), [pasted]);
  const spec: AgentSpec | null = read && { ...read, ...more };
  const asksSecret = read?.auth !== undefined && read.auth.type !== "none" && !read.credential;
  const fields = useMemo(() => fieldsOf(trial.error), [trial.error]);
  const change = (text: string) => {
    setPasted(text);
    setMore({});
    trial.reset();
    onTried(null);
  };
  const set = (changes: Partial<AgentSpec>) => {
    setMore((before) => ({ ...before, ...changes }));
    trial.reset();
    onTried(null);
  };
  const test = (of: AgentSpec) => trial.mutate(of, { onSuccess: onTried });
  const result = trial.data?.result;
  return (
    <Step n={1} title={t("agent")} text={t("agentText")} done={result?.ok ?? false}>
      <FieldErrors value={fields}>
        <form className="grid gap-3" onSubmit={(event) => { event.preventDefault(); if (spec) test(spec); }}>
          <Textarea
            rows={4} autoFocus spellCheck={false} className="font-mono text-xs" aria-label={t("agentText")} placeholder={t("placeholder")}
            value={pasted} onChange={(event) => change(event.target.value)}
            onKeyDown={(event) => { if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && spec) test(spec); }}
          />
          {sample.data && !pasted && (
            <p className="flex flex-wrap items-center gap-2 text-sm text-muted">
              <Button size="sm" onClick={() => change(`curl ${location.origin}${SAMPLE}/chat/completions -d '{"model": "sample-agent", "messages": []}'`)}><Bot aria-hidden />{t("sample")}</Button>
              {t("sampleText")}
            </p>
          )}
          {pasted.trim() && !read && <p className="text-sm text-warn">{t("notRead")}</p>}
          {spec && (
            <>
              <Facts facts={[[t("protocol"), PROTOCOLS[spec.kind]], [t("model"), spec.model], [a("auth"), spec.credential && read?.credential ? t("secretRead") : null]]} />
              <div className="grid items-start gap-3 sm:grid-cols-2">
                <Field label={t("name")} pointer="/name"><Input value={spec.name} onChange={(event) => set({ name: event.target.value })} /></Field>
                {spec.kind !== "http" && spec.kind !== "a2a" && !read?.model && (
                  <Field label={t("model")} pointer="/model"><Input value={spec.model ?? ""} spellCheck={false} onChange={(event) => set({ model: event.target.value || null })} /></Field>
                )}
                {spec.kind === "http" && (
                  <Field label={t("answerAt")} pointer="/response_pointer" hint={t("answerAtHint")}><Input className="font-mono text-xs" placeholder="/reply" value={spec.response_pointer ?? ""} onChange={(event) => set({ response_pointer: event.target.value || null })} /></Field>
                )}
                {asksSecret && (
                  <Field label={t("secret")} pointer="/credential" hint={t("secretMissing")}><Input type="password" autoComplete="off" value={spec.credential ?? ""} onChange={(event) => set({ credential: event.target.value || undefined })} /></Field>
                )}
              </div>
            </>
          )}
          <div><Button type="submit" variant={result?.ok ? "secondary" : "primary"} busy={trial.isPending} disabled={!spec}><FlaskConical aria-hidden />{result ? t("again") : t("test")}</Button></div>
        </form>
      </FieldErrors>
      <div aria-live="polite">
        {trial.isPending && <p className="animate-pulse text-sm text-muted">{t("testing")}</p>}
        {trial.error != null && <p role="alert" className="rounded-md bg-bad-soft px-3 py-2 text-sm text-bad">{fields.size > 0 ? [...fields].map(([at, text]) => `${at}: ${text}`).join("; ") : messageOf(trial.error, t("failed"))}</p>}
        {result && (
          <div className="grid gap-2">
            <div className="flex flex-wrap items-center gap-3">
              <Badge dot tone={result.ok ? "good" : "bad"}>{result.ok ? t("works", { time: duration(result.latency_ms) }) : t("fails")}</Badge>
              {result.cost_usd !== null && <span className="text-xs text-muted">{cost(result.cost_usd)}</span>}
            </div>
            <Said result={result} />
          </div>
        )}
      </div>
    </Step>
  );
}
