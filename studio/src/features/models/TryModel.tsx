import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { Send } from "lucide-react";
import { api, type Schemas, unwrap } from "@/api/client";
import { ApiError } from "@/api/error";
import { useText } from "@/i18n";
import { cost, duration, NOTHING, number } from "@/lib/format";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { Field, FieldErrors } from "@/ui/field";
import { Textarea } from "@/ui/input";
import { Markdown } from "@/ui/markdown";
import { Facts } from "@/ui/section";
import { ErrorState } from "@/ui/states";
import { modelTexts } from "./i18n";

/** One real call of the model. */
export function TryModel({ id }: { id: string }) {
  const t = useText(modelTexts);
  const [typed, setTyped] = useState<string | null>(null);
  const message = typed ?? t("firstMessage");
  const trial = useMutation({ mutationFn: () => unwrap(api.POST("/api/v1/models/{id}/test", { params: { path: { id } }, body: { message } })) });
  const fields = trial.error instanceof ApiError ? trial.error.fields : new Map<string, string>();
  return (
    <div className="grid max-w-3xl gap-4">
      <FieldErrors value={fields}>
        <form className="card grid gap-3 p-4" onSubmit={(event) => { event.preventDefault(); trial.mutate(); }}>
          <Field label={t("message")} pointer="/message" hint={t("trialText")}>
            <Textarea
              rows={3} value={message}
              onChange={(event) => setTyped(event.target.value)}
              onKeyDown={(event) => { if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !trial.isPending) trial.mutate(); }}
            />
          </Field>
          <div><Button type="submit" variant="primary" busy={trial.isPending}><Send aria-hidden />{t("send")}</Button></div>
        </form>
      </FieldErrors>
      <div aria-live="polite">
        {trial.isPending && <p className="card animate-pulse p-4 text-sm text-muted">{t("trying")}</p>}
        {trial.error && fields.size === 0 && <ErrorState error={trial.error} onRetry={() => trial.mutate()} />}
        {trial.data && <Result result={trial.data} />}
      </div>
    </div>
  );
}

function Result({ result }: { result: Schemas["ConnectionTest"] }) {
  const t = useText(modelTexts);
  const usage = result.usage && t("inOut", { in: number(result.usage.input), out: number(result.usage.output) });
  return (
    <section className="card grid gap-3 p-4">
      <div className="flex flex-wrap items-center gap-x-6 gap-y-2">
        <Badge dot tone={result.ok ? "good" : "bad"}>{result.ok ? t("works") : t("fails")}</Badge>
        <Facts facts={[[t("latency"), duration(result.latency_ms)], [t("tokens"), usage ?? NOTHING], [t("cost"), cost(result.cost_usd)], [t("answeredBy"), result.model ?? NOTHING]]} />
      </div>
      {result.error
        ? <p className="text-sm text-bad"><span className="font-mono text-xs">{result.error.kind}</span> {result.error.message}</p>
        : result.answer ? <div className="text-sm"><Markdown text={result.answer} /></div> : <p className="text-sm text-muted">{t("noAnswer")}</p>}
    </section>
  );
}
