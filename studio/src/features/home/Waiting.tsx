import { Link } from "@tanstack/react-router";
import { useQuery } from "@tanstack/react-query";
import { request, type Schemas } from "@/api/client";
import { useMay } from "@/api/me";
import { CircleCheck } from "lucide-react";
import { useText } from "@/i18n";
import { ErrorState, Loading } from "@/ui/states";
import { homeTexts } from "./i18n";
import { leads } from "./leads";

/** Queues that are looked at; more would be more questions than a first page should ask. */
const QUEUES = 20;

interface Item {
  key: string;
  name: string;
  count: number;
  of: "queue" | "campaign";
  to: string;
}

/** What waits for a person: items of review queues, runs of campaigns. */
export function Waiting() {
  const t = useText(homeTexts);
  const mayReview = useMay("campaigns_read");
  const mayCampaign = useMay("campaigns_read");
  const waiting = useQuery({
    queryKey: ["home", "waiting", mayReview, mayCampaign],
    queryFn: async ({ signal }): Promise<Item[]> => {
      const [queues, campaigns] = await Promise.all([
        mayReview ? request<Schemas["ReviewQueuePage"]>("GET", "/api/v1/review-queues", { query: { limit: QUEUES }, signal }) : null,
        mayCampaign ? request<Schemas["CampaignPage"]>("GET", "/api/v1/campaigns", { query: { limit: 50 }, signal }) : null,
      ]);
      const progress = await Promise.all((queues?.data.data ?? []).map(async (queue) => {
        const { data } = await request<Schemas["ReviewProgress"]>("GET", `/api/v1/review-queues/${queue.id}/progress`, { signal });
        return { key: queue.id, name: queue.name, count: data.states.pending + data.states.in_progress, of: "queue" as const, to: `/review/${queue.id}` };
      }));
      const runs = (campaigns?.data.data ?? []).map((one) => ({ key: one.id, name: one.name, count: one.summary.waiting_for_person, of: "campaign" as const, to: `/campaigns/${one.id}` }));
      return [...progress, ...runs].filter((one) => one.count > 0).sort((a, b) => b.count - a.count);
    },
    refetchInterval: 30_000,
  });
  return (
    <section aria-labelledby="waiting" className="grid content-start gap-2">
      <h2 id="waiting" className="font-semibold">{t("review")}</h2>
      {waiting.error ? <ErrorState error={waiting.error} onRetry={() => void waiting.refetch()} />
        : waiting.isPending ? <Loading rows={3} />
        : waiting.data.length === 0 ? <p className="card flex items-center gap-2 p-4 text-sm text-muted"><CircleCheck aria-hidden className="size-4 text-good" />{t("noReview")}</p>
        : (
          <ul className="card divide-y divide-line">
            {waiting.data.slice(0, 8).map((one) => (
              <li key={one.key} className="flex items-center gap-3 px-4 py-2.5 text-sm">
                <span className="min-w-0 flex-1">
                  {leads(one.to.replace(/[^/]+$/, "$id")) ? <Link to={one.to} className="block truncate font-medium hover:text-accent hover:underline">{one.name}</Link> : <span className="block truncate font-medium">{one.name}</span>}
                  <span className="text-xs text-muted">{t(one.of === "queue" ? "ofQueue" : "ofCampaign")}</span>
                </span>
                <span className="tabular-nums">{one.of === "queue" ? t("items", { n: one.count }) : t("runs", { n: one.count })}</span>
              </li>
            ))}
          </ul>
        )}
    </section>
  );
}
