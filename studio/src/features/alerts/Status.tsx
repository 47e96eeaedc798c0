import { useMutation } from "@tanstack/react-query";
import { useMemo } from "react";
import { Send } from "lucide-react";
import { request, type Schemas } from "@/api/client";
import { useMay } from "@/api/me";
import { usePages } from "@/api/pages";
import { useAsk } from "@/features/analytics/ask";
import { instantsOf, linesOf } from "@/features/analytics/question";
import { When } from "@/features/traces/cells";
import { useText } from "@/i18n";
import { ago, NOTHING, number } from "@/lib/format";
import { Badge, type Tone } from "@/ui/badge";
import { Button } from "@/ui/button";
import { SeriesChart } from "@/ui/charts";
import { Facts, Section } from "@/ui/section";
import { ErrorState, Loading, messageOf } from "@/ui/states";
import { alertTexts } from "./i18n";
import { type Alert, type AlertStatus, STATE_TONES } from "./kind";
import { StateBadge } from "./StateBadge";
import { useStatus } from "./standing";
import { formatOf, questionOf } from "./watched";

type Change = Schemas["AlertEvent"];

/** Where an alert stands, what it watches, and what it told. */
export function Status({ alert }: { alert: Alert }) {
  const t = useText(alertTexts);
  const status = useStatus(alert.id);
  const maySee = useMay("traces_read");
  const mayWrite = useMay("resources_write");
  // Tells every channel what is found now, marked as a test.
  const test = useMutation({ mutationFn: async () => (await request<Schemas["AlertTest"]>("POST", `/api/v1/alerts/${alert.id}/test`)).data });
  const events = usePages<Change>({ key: ["alerts", "events", alert.id], path: `/api/v1/alerts/${alert.id}/events`, refetchInterval: 30_000 });
  const format = formatOf(alert.measure, alert.condition.type === "threshold" ? alert.condition.aggregation : "mean");
  const value = (found: number | null) => (found === null ? NOTHING : format(found));
  if (status.error) return <ErrorState error={status.error} onRetry={() => void status.refetch()} />;
  if (!status.data) return <Loading />;
  const now = status.data;
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-4">
      <section className="card flex flex-wrap items-center gap-x-6 gap-y-2 p-4" aria-label={t("status")}>
        <StateBadge enabled={alert.enabled} status={now} />
        <Facts facts={[
          [t("now"), value(now.value)], [t("samples"), number(now.samples)],
          [t("looked"), now.looked_at ? <When at={now.looked_at} /> : t("never")],
          [t(now.state), now.state === "firing" && now.firing_since ? t("since", { when: ago(now.firing_since) }) : t("since", { when: ago(now.since) })],
        ]} />
        {now.message && <p className="w-full text-sm">{now.message}</p>}
        {now.error && <p role="alert" className="w-full text-sm text-bad">{t("error")}: {now.error}</p>}
      </section>
      {maySee && <Section title={t("chart")}><Watched alert={alert} format={format} /></Section>}
      <div className="grid gap-4 lg:grid-cols-2 [&>*]:min-w-0">
        <Section title={t("events")} actions={<span className="text-xs text-muted">{t("eventsHint")}</span>}>
          {events.error ? <ErrorState error={events.error} onRetry={() => void events.refetch()} /> : events.rows.length === 0 ? <p className="text-sm text-muted">{t("noEvents")}</p> : (
            <ul className="divide-y divide-line">
              {events.rows.map((one) => (
                <li key={one.id} className="grid gap-0.5 py-2 text-sm">
                  <span className="flex items-center gap-2"><Badge dot tone={STATE_TONES[one.to]}>{t(one.to)}</Badge><span className="tabular-nums">{value(one.value)}</span><span className="ml-auto text-xs"><When at={one.at} /></span></span>
                  <span className="text-xs text-muted">{one.message}</span>
                </li>
              ))}
            </ul>
          )}
        </Section>
        <Section title={t("notifications")} actions={mayWrite && <Button size="sm" busy={test.isPending} onClick={() => test.mutate()}><Send aria-hidden />{t(test.isPending ? "testing" : "test")}</Button>}>
          <div aria-live="polite" className="empty:hidden">{test.error ? <p className="text-sm text-bad">{messageOf(test.error, t("failedText"))}</p> : test.data ? <Tried result={test.data} /> : null}</div>
          {now.notifications.length === 0 ? <p className="text-sm text-muted">{t("noNotifications")}</p> : (
            <ul className="divide-y divide-line">{now.notifications.map((one) => <Notification key={one.id} notification={one} alert={alert} />)}</ul>
          )}
        </Section>
      </div>
    </div>
  );
}

const SENT: Record<AlertStatus["notifications"][number]["state"], Tone> = { waiting: "info", sent: "good", failed: "bad" };

function Notification({ notification: one, alert }: { notification: AlertStatus["notifications"][number]; alert: Alert }) {
  const t = useText(alertTexts);
  const channel = alert.channels[one.channel];
  return (
    <li className="grid gap-0.5 py-2 text-sm">
      <span className="flex flex-wrap items-center gap-2">
        <span className="font-medium">{t(one.news)}</span><span className="text-muted">{channel ? t(channel.type) : t("channel", { n: one.channel + 1 })}</span>
        <Badge dot tone={SENT[one.state]}>{t(one.state)}</Badge>
        {one.attempts > 1 && <span className="text-xs text-muted">{t("attempts", { n: one.attempts })}</span>}
        <span className="ml-auto text-xs"><When at={one.created_at} /></span>
      </span>
      {one.error && <span className="text-xs text-bad">{one.error}</span>}
    </li>
  );
}

/** What the channels said to a trial, and whether the condition holds now. */
function Tried({ result }: { result: Schemas["AlertTest"] }) {
  const t = useText(alertTexts);
  return (
    <div className="grid gap-1 rounded-md bg-sunken/60 p-3 text-sm">
      <p>{t(result.holds === null ? "testNothing" : result.holds ? "testHolds" : "testNot")}</p>
      {result.channels.map((one) => (
        <p key={one.channel} className="flex flex-wrap items-center gap-2">
          <Badge dot tone={one.sent ? "good" : "bad"}>{t(one.sent ? "sent" : "notSent")}</Badge>{t(one.type as "webhook")}{one.error && <span className="text-xs text-bad">{one.error}</span>}
        </p>
      ))}
    </div>
  );
}

/** What is watched over time, with the threshold where there is one. */
function Watched({ alert, format }: { alert: Alert; format(value: number): string }) {
  const t = useText(alertTexts);
  const { question, metric } = useMemo(() => questionOf(alert, Date.now()), [alert]);
  const answer = useAsk(question);
  const fixed = useMemo(() => format, [alert]);
  const drawn = useMemo(() => {
    if (!answer.data) return null;
    const { times, lines } = linesOf(answer.data.rows, null, metric, t("now"), false, instantsOf(answer.data.rows, answer.data.granularity, question));
    const limit = alert.condition.type === "threshold" && alert.condition.aggregation !== "pass_rate" ? alert.condition.value : null;
    const known = lines.some((line) => line.values.some((value) => value !== null));
    return { times, known, series: [...lines, ...(limit === null ? [] : [{ label: t("limit"), values: times.map(() => limit), color: "--bad" }])] };
  }, [answer.data, question, metric, alert, t]);
  if (answer.error) return <ErrorState error={answer.error} onRetry={() => void answer.refetch()} />;
  if (!drawn) return <div className="h-[190px] animate-pulse rounded-md bg-sunken" />;
  if (!drawn.known) return <p className="py-6 text-sm text-muted">{t("noValues")}</p>;
  return <SeriesChart label={t("chart")} times={drawn.times} series={drawn.series} format={fixed} height={190} />;
}
