import type { Schemas } from "@/api/client";
import { useText } from "@/i18n";
import { cost, duration, NOTHING, number } from "@/lib/format";
import { Badge } from "@/ui/badge";
import { Markdown } from "@/ui/markdown";
import { Facts } from "@/ui/section";
import { trialTexts } from "./i18n";

/** How one call went: whether there was an answer, what it took, and its words or what went wrong. */
export function TrialResult({ result }: { result: Schemas["ConnectionTest"] }) {
  const t = useText(trialTexts);
  const usage = result.usage && t("inOut", { in: number(result.usage.input), out: number(result.usage.output) });
  const facts: [string, string][] = [[t("latency"), duration(result.latency_ms)], [t("tokens"), usage ?? NOTHING], [t("cost"), cost(result.cost_usd)], [t("answeredBy"), result.model ?? NOTHING]];
  return (
    <section className="card grid gap-3 p-4">
      <div className="flex flex-wrap items-center gap-x-6 gap-y-2">
        <Badge dot tone={result.ok ? "good" : "bad"}>{result.ok ? t("works") : t("fails")}</Badge>
        <Facts facts={facts} />
      </div>
      <Said result={result} />
    </section>
  );
}

/** The words of the answer, or what went wrong. */
export function Said({ result }: { result: Schemas["ConnectionTest"] }) {
  const t = useText(trialTexts);
  return result.error
    ? <p className="text-sm text-bad"><span className="font-mono text-xs">{result.error.kind}</span> {result.error.message}</p>
    : <div className="border-l-2 border-accent pl-3 text-sm">{result.answer ? <Markdown text={result.answer} /> : <p className="text-muted">{t("noAnswer")}</p>}</div>;
}
