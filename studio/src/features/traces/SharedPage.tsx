import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useMemo } from "react";
import { Unlink } from "lucide-react";
import { request, type Schemas } from "@/api/client";
import { ApiError } from "@/api/error";
import icon from "@/app/icon.svg";
import { useText } from "@/i18n";
import { cost, dateTime, duration, exactTime, number } from "@/lib/format";
import { useUrlState } from "@/lib/url-state";
import { Badge } from "@/ui/badge";
import { Page } from "@/ui/page";
import { Facts } from "@/ui/section";
import { Split } from "@/ui/split";
import { Empty, ErrorState, Loading } from "@/ui/states";
import { Explorer } from "./Explorer";
import { KindIcon, TraceIcon } from "./kinds";
import { Payload, PayloadMode } from "./Payload";
import { valueText } from "./scores";
import { detailTexts } from "./trace-i18n";
import { treeOf } from "./tree";

type Shared = Schemas["SharedTrace"];

/** A trace as whoever has its public link sees it, without an account. */
export default function SharedPage() {
  const t = useText(detailTexts);
  const { token } = useParams({ strict: false }) as { token: string };
  const trace = useQuery({
    queryKey: ["shared", token],
    queryFn: async ({ signal }) => (await request<Shared>("GET", `/api/v1/shared/${encodeURIComponent(token)}`, { signal })).data,
    retry: false,
  });
  const body = () => {
    if (trace.data) return <Detail trace={trace.data} />;
    if (!trace.error) return <Loading />;
    const gone = trace.error instanceof ApiError && trace.error.status === 404;
    return gone ? <Empty icon={Unlink} title={t("linkGone")}>{t("linkGoneText")}</Empty> : <ErrorState error={trace.error} onRetry={() => void trace.refetch()} />;
  };
  return (
    <main id="main">
      <p className="flex items-center gap-2 border-b border-line bg-surface px-6 py-2 font-semibold tracking-tight"><img src={icon} alt="" width={22} height={22} />Assay</p>
      {body()}
    </main>
  );
}

function Detail({ trace }: { trace: Shared }) {
  const t = useText(detailTexts);
  const nodes = useMemo(() => treeOf(trace.observations), [trace.observations]);
  const [{ obs }] = useUrlState({ obs: "" });
  const chosen = trace.observations.find((one) => one.id === obs);
  const shown = chosen ?? trace;
  const scores = trace.scores.filter((one) => (one.observation_id ?? null) === (chosen?.id ?? null));
  const usage = shown.usage ? t("inOut", { in: number(shown.usage.input), out: number(shown.usage.output) }) : null;
  return (
    <Page
      title={trace.name ?? t("shared")}
      description={[t("sharedText"), trace.payloads ? "" : t("sharedNoPayloads"), trace.expires_at ? t("sharedUntil", { when: dateTime(trace.expires_at) }) : "", trace.truncated ? t("truncated") : ""].filter(Boolean).join(" ")}
    >
      <Split
        className="[--pane:calc(100dvh-10rem)]" name="trace" label={t("resize")}
        left={<Explorer nodes={nodes} total={trace.observation_count} name={trace.name ?? t("shared")} loading={false} />}
        right={(
          <section aria-label={t("detail")} className="card flex h-(--pane) min-h-80 flex-col overflow-hidden max-lg:h-auto">
            <header className="grid gap-1.5 border-b border-line px-4 py-3">
              <h2 className="flex items-center gap-2 font-semibold">
                {chosen ? <KindIcon kind={chosen.type} className="size-4" /> : <TraceIcon />}
                <span className="truncate">{chosen?.name ?? t("wholeTrace")}</span>
                {chosen && chosen.level !== "DEFAULT" && <Badge dot tone={chosen.level === "ERROR" ? "bad" : chosen.level === "WARNING" ? "warn" : "neutral"}>{chosen.level}</Badge>}
              </h2>
              <Facts facts={[
                [t("model"), chosen?.model], [t("latency"), duration(shown.latency_ms)], [t("tokens"), usage], [t("cost"), cost(chosen ? chosen.cost_usd : trace.total_cost_usd)],
                [t("began"), exactTime(chosen ? chosen.start_time : trace.timestamp)],
                ...scores.map((one) => [one.name, valueText(one)] as const),
              ]} />
              {chosen?.status_message && <p className="text-sm text-bad">{chosen.status_message}</p>}
            </header>
            <div tabIndex={0} role="region" aria-label={t("content")} className="grid min-h-0 content-start gap-4 overflow-y-auto p-4">
              {trace.payloads ? <>
                <div className="-mb-2 flex justify-end"><PayloadMode /></div>
                <Payload title={t("input")} value={shown.input} />
                <Payload title={t("output")} value={shown.output} />
              </> : <p className="text-sm text-muted">{t("sharedNoPayloads")}</p>}
            </div>
          </section>
        )}
      />
    </Page>
  );
}
