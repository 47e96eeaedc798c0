import { Link } from "@tanstack/react-router";
import { Plus } from "lucide-react";
import { useMay } from "@/api/me";
import { useBoth, useText } from "@/i18n";
import { LABEL_KINDS } from "@/features/labels/kind";
import { duration, NOTHING, number, percent } from "@/lib/format";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { Facts, Section } from "@/ui/section";
import { Empty, Loaded } from "@/ui/states";
import { Wide } from "@/ui/wide";
import { reviewTexts } from "./i18n";
import { queueFormTexts } from "./i18n-form";
import { usePeople } from "@/resource/people";
import { ProgressBar } from "./ProgressBar";
import { type Queue, useProgress } from "./queue";

/** How far a queue is, who did what, what is asked, and what enters. */
export function OverviewTab({ queue, onAdd }: { queue: Queue; onAdd(): void }) {
  const t = useText(reviewTexts);
  const f = useText(queueFormTexts);
  const both = useBoth();
  const progress = useProgress(queue.id);
  const mayWrite = useMay("resources_write");
  const { nameOf } = usePeople();
  return (
    <Loaded query={progress}>{(data) => (
      <div className="grid items-start gap-4 lg:grid-cols-[minmax(0,1fr)_22rem]">
        <div className="grid gap-4">
          {data.items + data.gold.items === 0 ? (
            <div className="card"><Empty title={t("noItems")} action={mayWrite && <Button variant="primary" onClick={onAdd}><Plus aria-hidden />{t("addItems")}</Button>}>{t("noItemsText")}</Empty></div>
          ) : (
            <Section title={t("progress", { done: number(data.states.done), n: number(data.items) })}>
              <ProgressBar progress={data} legend />
              <Facts facts={[[t("answers_n"), number(data.answers)], [t("onlyGold"), data.gold.items > 0 ? number(data.gold.items) : null]]} />
            </Section>
          )}
          <Section title={t("people")}>
            {data.people.length === 0 ? <p className="text-sm text-muted">{t("nobodyYet")}</p> : (
              <Wide label={t("people")}>
                <table className="w-full min-w-[34rem] text-sm">
                  <thead>
                    <tr className="text-left">
                      <th scope="col" className="label pb-1">{t("person")}</th>
                      {(["answered", "in_progress", "skips", "meanTime", "goldAccuracy"] as const).map((key) => <th key={key} scope="col" className="label pb-1 pl-4 text-right">{t(key)}</th>)}
                    </tr>
                  </thead>
                  <tbody>
                    {data.people.map((one) => (
                      <tr key={one.person_id} className="border-t border-line">
                        <th scope="row" className="py-1.5 text-left font-medium">{nameOf(one.person_id)}</th>
                        <td className="py-1.5 pl-4 text-right">{number(one.answered)}</td>
                        <td className="py-1.5 pl-4 text-right">{number(one.in_progress)}</td>
                        <td className="py-1.5 pl-4 text-right">{number(one.skipped)}</td>
                        <td className="py-1.5 pl-4 text-right">{one.mean_seconds === null ? NOTHING : duration(one.mean_seconds * 1000)}</td>
                        <td className="py-1.5 pl-4 text-right">{one.gold ? <>{percent(one.gold.accuracy)} <span className="text-xs text-muted">{t("goldOf", { right: one.gold.right, n: one.gold.answered })}</span></> : NOTHING}</td>
                      </tr>
                    ))}
                  </tbody>
                </table>
              </Wide>
            )}
          </Section>
        </div>
        <div className="grid gap-4">
          <Section title={t("questions")}>
            <ol className="grid gap-2 text-sm">
              {queue.label_schemas.map(({ id, spec }) => (
                <li key={id} className="flex items-center gap-2"><Link to={`/label-schemas/${id}`} className="truncate font-medium hover:text-accent hover:underline">{spec.name}</Link><Badge>{both(LABEL_KINDS[spec.kind])}</Badge></li>
              ))}
            </ol>
            <p className="text-sm text-muted">{t("annotatorsEach", { n: queue.annotators_per_item })}</p>
            {(queue.assignees?.length ?? 0) > 0 && <p className="text-sm text-muted">{f("assignees")}: {queue.assignees?.map(nameOf).join(", ")}</p>}
          </Section>
          <Section title={t("rules")}>
            {(queue.rules?.length ?? 0) === 0 ? <p className="text-sm text-muted">{t("noRules")}</p> : (
              <ul className="grid gap-2 text-sm">
                {!queue.enabled && <li><Badge tone="warn">{t("off")}</Badge></li>}
                {queue.rules?.map((rule) => (
                  <li key={rule.name}>
                    <span className="font-medium">{rule.name}</span>
                    <span className="block text-xs text-muted">
                      {f(rule.when.type)}{"value" in rule.when ? ` ${rule.when.value}` : rule.when.type === "score_between" ? ` ${rule.when.low} – ${rule.when.high}` : ""}
                      {" · "}{rule.metric ?? f("anyMetric")}{rule.sample_percent < 100 ? ` · ${number(rule.sample_percent, 1)} %` : ""}
                    </span>
                  </li>
                ))}
              </ul>
            )}
          </Section>
        </div>
      </div>
    )}</Loaded>
  );
}
