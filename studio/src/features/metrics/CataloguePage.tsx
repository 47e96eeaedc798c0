import { Link } from "@tanstack/react-router";
import { SearchX } from "lucide-react";
import { useText } from "@/i18n";
import { cx } from "@/lib/cx";
import { useUrlState } from "@/lib/url-state";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { SearchInput, Select } from "@/ui/input";
import { Page } from "@/ui/page";
import { Empty, Loaded } from "@/ui/states";
import { Told } from "@/ui/told";
import { metricTexts } from "./i18n";
import { type CatalogueEntry, chosenOf, groupOf, METRIC_GROUPS, useCatalogue } from "./kind";

/** Every kind of metric, to look through and to begin from. */
export default function CataloguePage() {
  const t = useText(metricTexts);
  const catalogue = useCatalogue();
  return (
    <Page title={t("catalogue")} description={t("catalogueText")} back={{ to: "/metrics", label: t("all") }}>
      <Loaded query={catalogue}>{(all) => <Catalogue all={all} />}</Loaded>
    </Page>
  );
}

function Catalogue({ all }: { all: readonly CatalogueEntry[] }) {
  const t = useText(metricTexts);
  const [state, setState] = useUrlState({ q: "", group: "", judge: "" });
  const found = chosenOf(all, state);
  const within = chosenOf(all, { ...state, group: "" });
  const count = (group: string) => within.filter((entry) => !group || groupOf(entry.kind) === group).length;
  return (
    <div className="grid items-start gap-4 lg:grid-cols-[13rem_minmax(0,1fr)]">
      <nav aria-label={t("groups")} className="flex gap-1 overflow-x-auto lg:grid lg:gap-px">
        {["", ...METRIC_GROUPS].map((group) => (
          <button
            key={group} type="button" aria-pressed={state.group === group} onClick={() => setState({ group }, { push: true })}
            className={cx("flex items-center justify-between gap-3 rounded-md px-2.5 py-1.5 text-left text-sm font-medium whitespace-nowrap text-muted hover:bg-sunken hover:text-ink", state.group === group && "bg-accent-soft text-accent-strong")}
          >
            {group ? t(group as (typeof METRIC_GROUPS)[number]) : t("everything")}
            <span className="text-xs tabular-nums">{count(group)}</span>
          </button>
        ))}
      </nav>
      <div className="grid gap-3">
        <div className="flex flex-wrap items-center gap-2">
          <SearchInput label={t("find")} autoFocus className="w-72 max-w-full" value={state.q} onChange={(event) => setState({ q: event.target.value })} />
          <Select aria-label={t("judge")} className="w-60" value={state.judge} onChange={(event) => setState({ judge: event.target.value })}>
            <option value="">{t("anyJudge")}</option>
            <option value="true">{t("withJudge")}</option>
            <option value="false">{t("withoutJudge")}</option>
          </Select>
          <span role="status" className="ml-auto text-xs text-muted">{t("nKinds", { n: found.length })}</span>
        </div>
        {found.length === 0
          ? <div className="card"><Empty icon={SearchX} title={t("noMatch")} action={<Button onClick={() => setState({ q: "", group: "", judge: "" })}>{t("clear")}</Button>} /></div>
          : (
            <ul className="grid gap-3 sm:grid-cols-2 xl:grid-cols-3">
              {found.map((entry) => (
                <li key={entry.kind} className="card relative grid content-start gap-1.5 p-4 hover:border-edge focus-within:border-accent">
                  <div className="flex items-center gap-2">
                    <h2 className="min-w-0 truncate font-semibold">
                      <Link to="/metrics/new" search={{ kind: entry.kind } as never} className="after:absolute after:inset-0 after:rounded-lg">{entry.name}</Link>
                    </h2>
                    {entry.needs_judge && <Badge tone="info">{t("judge")}</Badge>}
                  </div>
                  <p className="line-clamp-3 text-sm text-muted" title={entry.description}><Told text={entry.description} /></p>
                  <p className="truncate font-mono text-2xs text-muted">{entry.kind}</p>
                </li>
              ))}
            </ul>
          )}
      </div>
    </div>
  );
}
