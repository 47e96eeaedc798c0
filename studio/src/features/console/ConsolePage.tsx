import { useMemo, useState } from "react";
import { ListFilter, SquareTerminal } from "lucide-react";
import { usePages } from "@/api/pages";
import { useMay } from "@/api/me";
import { type Campaign, type Outcome, useCampaign, useItemName } from "@/features/campaigns/data";
import { commonTexts } from "@/features/campaigns/i18n";
import { StatusBadge } from "@/features/campaigns/status";
import { useRun, useRunEvents } from "@/features/runs/data";
import { useText } from "@/i18n";
import { ago } from "@/lib/format";
import { useUrlState } from "@/lib/url-state";
import { Badge } from "@/ui/badge";
import { Button, ButtonLink } from "@/ui/button";
import { Combobox } from "@/ui/combobox";
import { Checkbox, Input, SearchInput, Select } from "@/ui/input";
import { Menu, MenuCheck } from "@/ui/menu";
import { Page } from "@/ui/page";
import { Empty, ErrorState, Loading, NoPermission } from "@/ui/states";
import { EventList } from "./EventList";
import { consoleTexts } from "./i18n";
import { Loop } from "./Loop";
import { KINDS, loopOf, says } from "./loop";

/** What happens in a run, live: what the agent thinks, does and sees. */
export default function ConsolePage() {
  const t = useText(consoleTexts);
  const mayRead = useMay("campaigns_read");
  const [state, set] = useUrlState({ run: "", campaign: "" });
  return (
    <Page title={t("title")} description={t("intro")}>
      {!mayRead ? <NoPermission /> : (
        <div className="grid grid-cols-1 gap-4">
          <Chooser run={state.run} campaign={state.campaign} onChange={(next) => set(next, { push: true })} />
          {state.run ? <Watched key={state.run} id={state.run} /> : <div className="card"><Empty icon={SquareTerminal} title={t("noRun")}>{t("noRunText")}</Empty></div>}
        </div>
      )}
    </Page>
  );
}

function Chooser({ run, campaign, onChange }: { run: string; campaign: string; onChange(next: { run?: string; campaign?: string }): void }) {
  const t = useText(consoleTexts);
  const common = useText(commonTexts);
  const [typed, setTyped] = useState("");
  const campaigns = usePages<Campaign>({ key: ["campaigns", "list"], path: "/api/v1/campaigns", limit: 200, refetchInterval: 10_000 });
  const watched = useRun(run, run !== "");
  const chosen = campaign || (run ? watched.data?.campaign_id ?? "" : campaigns.rows[0]?.id ?? "");
  const of = useCampaign(chosen, chosen !== "");
  const runs = usePages<Outcome>({
    key: ["campaigns", "runs", chosen, "console"], path: `/api/v1/campaigns/${encodeURIComponent(chosen)}/runs`, limit: 200, enabled: chosen !== "", refetchInterval: 5000,
  });
  const itemName = useItemName(of.data, runs.rows);
  const options = useMemo(() => {
    // What goes on is what one watches.
    const rank = (one: Outcome) => (one.status === "running" ? 0 : one.status === "waiting_for_person" ? 1 : one.status === "queued" ? 3 : 2);
    return [...runs.rows].sort((a, b) => rank(a) - rank(b)).map((one) => ({
      value: one.run_id, label: `${itemName(one.item_key)}${one.repetition > 0 ? ` #${one.repetition + 1}` : ""}`, hint: `${common(one.status)} · ${one.run_id.slice(-8)}`,
    }));
  }, [runs.rows, itemName, common]);
  const running = runs.rows.find((one) => one.status === "running");
  return (
    <div className="flex flex-wrap items-end gap-3">
      <div className="grid w-60 gap-1 text-sm font-medium">
        <span aria-hidden>{t("chooseCampaign")}</span>
        <Combobox
          aria-label={t("chooseCampaign")} value={chosen || null} placeholder={t("noCampaigns")} onChange={(next) => onChange({ campaign: next, run: "" })}
          options={campaigns.rows.map((one) => ({ value: one.id, label: one.name, hint: `${common(one.status)} · ${ago(one.created_at)}` }))}
        />
      </div>
      <div className="grid w-60 gap-1 text-sm font-medium">
        <span aria-hidden>{t("runLabel")}</span>
        <Combobox aria-label={t("chooseRun")} value={run || null} placeholder={t("chooseRun")} onChange={(next) => onChange({ run: next })} options={options} />
      </div>
      {running && running.run_id !== run && <Button onClick={() => onChange({ run: running.run_id })}>{t("newest")}</Button>}
      <form className="ml-auto flex items-end gap-2" onSubmit={(event) => { event.preventDefault(); if (typed.trim()) onChange({ run: typed.trim(), campaign: "" }); }}>
        <Input aria-label={t("orId")} placeholder={t("orId")} className="w-56 font-mono text-xs" value={typed} onChange={(event) => setTyped(event.target.value)} />
        <Button type="submit" disabled={typed.trim() === ""}>{t("openIt")}</Button>
      </form>
    </div>
  );
}

function Watched({ id }: { id: string }) {
  const t = useText(consoleTexts);
  const run = useRun(id);
  const mayTrace = useMay("traces_read");
  const { events, streaming, skipped, error, state } = useRunEvents(id);
  const [url, set] = useUrlState({ view: "loop", q: "", hide: "", follow: "1" });
  const hidden = useMemo(() => new Set(url.hide.split(",")), [url.hide]);
  const words = url.q.trim().toLowerCase();
  const loop = useMemo(() => loopOf(events), [events]);
  const entries = useMemo(() => loop.filter((entry) => !hidden.has(entry.kind) && says(entry, words)), [loop, hidden, words]);
  const raw = useMemo(() => events.filter((told) => words === "" || JSON.stringify(told).toLowerCase().includes(words)), [events, words]);
  if (run.error) return <ErrorState error={run.error} onRetry={() => void run.refetch()} />;
  if (error) return <ErrorState error={error} />;
  const shown = url.view === "raw" ? raw : entries;
  const follow = url.follow === "1" && words === "";
  return (
    <section className="grid grid-cols-1 gap-2">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2 text-sm">
        {run.data && <StatusBadge status={run.data.status} />}
        <Badge dot tone={state === "live" ? "info" : "neutral"}>{state === "live" ? t("live") : state === "ended" ? t("ended") : t("reconnecting")}</Badge>
        <Select aria-label={t("kinds")} className="w-60" value={url.view === "raw" ? "raw" : "loop"} onChange={(event) => set({ view: event.target.value }, { push: true })}>
          <option value="loop">{t("loop")}</option><option value="raw">{t("raw")}</option>
        </Select>
        <SearchInput label={t("find")} className="w-60" value={url.q} onChange={(event) => set({ q: event.target.value })} />
        {url.view !== "raw" && (
          <Menu trigger={<Button variant="ghost" size="sm"><ListFilter aria-hidden />{t("kinds")}</Button>}>
            {KINDS.map((kind) => (
              <MenuCheck
                key={kind} checked={!hidden.has(kind)}
                onCheckedChange={(on) => set({ hide: KINDS.filter((one) => (one === kind ? on !== true : hidden.has(one))).join(",") })}
              >
                {t(kind)}
              </MenuCheck>
            ))}
          </Menu>
        )}
        <label className="flex items-center gap-2"><Checkbox checked={url.follow === "1"} onChange={(event) => set({ follow: event.target.checked ? "1" : "0" })} />{t("follow")}</label>
        <span role="status" className="text-xs text-muted">{skipped ? t("skipped") : t("events", { n: shown.length })}</span>
        <span className="ml-auto flex gap-2">
          <ButtonLink size="sm" to={`/runs/${id}`}>{t("toRun")}</ButtonLink>
          {run.data && mayTrace && <ButtonLink size="sm" to={`/traces/${run.data.trace_id}`}>{t("toTrace")}</ButtonLink>}
        </span>
      </div>
      {events.length === 0 ? <div className="card p-4 text-sm text-muted" role="status">{state === "ended" ? t("ended") : t("wait")}<Loading rows={3} /></div>
        : shown.length === 0 ? <div className="card"><Empty title={t("noMatch")} /></div>
        : url.view === "raw" ? <EventList events={raw} follow={follow} /> : <Loop entries={entries} streaming={streaming} follow={follow} />}
    </section>
  );
}
