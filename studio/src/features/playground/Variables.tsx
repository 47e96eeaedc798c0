import { type Dispatch } from "react";
import { useText } from "@/i18n";
import { Badge } from "@/ui/badge";
import { Textarea } from "@/ui/input";
import { Section } from "@/ui/section";
import { Wide } from "@/ui/wide";
import { playgroundTexts } from "./i18n";
import { listOf, type Use } from "./render";
import { type Action, letterOf } from "./state";
import type { State } from "./types";

/** What all panels share: each name once, with its value and the panels that it stands in. */
export function Variables({ uses, state, dispatch }: { uses: readonly Use[]; state: State; dispatch: Dispatch<Action> }) {
  const t = useText(playgroundTexts);
  const valueOf = (use: Use) => (use.kind === "text" ? state.values : state.lists)[use.name] ?? "";
  const without = uses.filter((use) => valueOf(use).trim() === "").length;
  return (
    <Section title={t("variables")} className="gap-2" actions={without > 0 && <Badge tone="warn">{t("stillMissing", { n: without })}</Badge>}>
      <Wide label={t("variables")}>
        <table className="w-full min-w-96 text-sm">
          <thead>
            <tr className="text-left">
              <th scope="col" className="label w-px pr-4 pb-1 whitespace-nowrap">{t("variable")}</th>
              <th scope="col" className="label pb-1">{t("value")}</th>
              {state.panels.length > 1 && <th scope="col" className="label w-px pb-1 pl-4 whitespace-nowrap">{t("usedIn")}</th>}
            </tr>
          </thead>
          <tbody>
            {uses.map((use) => {
              const value = valueOf(use);
              const broken = use.kind === "messages" && listOf(value) === null;
              return (
                <tr key={`${use.kind} ${use.name}`} className="align-top">
                  <th scope="row" className="max-w-60 py-1 pr-4 text-left font-mono text-xs font-medium break-words whitespace-normal">
                    <span className="inline-block pt-1.5">{use.kind === "text" ? `{{${use.name}}}` : use.name}</span>
                    {use.kind === "messages" && <span className="block font-sans text-2xs font-normal text-muted">{t("placeHint")}</span>}
                  </th>
                  <td className="py-1">
                    <Textarea
                      rows={1} className="max-h-48 min-h-8" value={value} aria-label={use.kind === "text" ? t("valueOf", { name: use.name }) : t("messagesFor", { name: use.name })} aria-invalid={broken || undefined}
                      placeholder={use.kind === "messages" ? '[{"role": "user", "content": "…"}]' : undefined}
                      onChange={(event) => dispatch({ do: use.kind === "text" ? "value" : "list", name: use.name, value: event.target.value })}
                    />
                    {broken && <p role="alert" className="text-xs font-medium text-bad">{t("badList")}</p>}
                  </td>
                  {state.panels.length > 1 && <td className="py-1 pl-4"><span className="inline-flex gap-1 pt-1.5">{use.panels.map((panel) => <Badge key={panel}>{letterOf(panel)}</Badge>)}</span></td>}
                </tr>
              );
            })}
          </tbody>
        </table>
      </Wide>
    </Section>
  );
}
