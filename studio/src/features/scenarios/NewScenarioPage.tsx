import { useState } from "react";
import { FileUp, type LucideIcon, ScrollText, UserRound, Workflow } from "lucide-react";
import { useMay } from "@/api/me";
import { useBoth, useText } from "@/i18n";
import { useUrlState } from "@/lib/url-state";
import { Button } from "@/ui/button";
import { Page } from "@/ui/page";
import { NoPermission } from "@/ui/states";
import { scenarioTexts } from "./i18n";
import { ImportDialog } from "./ImportDialog";
import { BEGINNINGS, type Course, scenarioKind, type ScenarioSpec } from "./kind";
import { ScenarioEditor } from "./ScenarioEditor";

/** A new scenario: first how the user comes to what it says, then the builder. */
export default function NewScenarioPage() {
  const t = useText(scenarioTexts);
  const both = useBoth();
  const mayWrite = useMay(scenarioKind.write);
  const [{ course }, set] = useUrlState({ course: "" });
  const [importing, setImporting] = useState(false);
  const [imported, setImported] = useState<ScenarioSpec | null>(null);
  if (!mayWrite) return <NoPermission />;
  const initial = imported ?? (course in BEGINNINGS ? BEGINNINGS[course as Course] : null);
  if (initial) return <ScenarioEditor key={imported ? "imported" : course} initial={initial} />;
  const choices: [Course, LucideIcon, string, string][] = [
    ["graph", Workflow, t("graphTitle"), t("graphText")],
    ["script", ScrollText, t("scriptTitle"), t("scriptText")],
    ["persona", UserRound, t("personaTitle"), t("personaText")],
  ];
  return (
    <Page
      title={both(scenarioKind.create)}
      description={t("chooseCourse")}
      back={{ to: "/scenarios", label: t("all") }}
      wide={false}
      actions={<Button onClick={() => setImporting(true)}><FileUp aria-hidden />{t("import")}</Button>}
    >
      <ul className="grid gap-3 sm:grid-cols-3">
        {choices.map(([value, Icon, title, text]) => (
          <li key={value}>
            <button type="button" onClick={() => set({ course: value }, { push: true })} className="card grid h-full w-full content-start gap-1.5 p-4 text-left hover:border-accent hover:bg-accent-soft/40">
              <Icon aria-hidden className="size-5 text-accent" />
              <span className="font-semibold">{title}</span>
              <span className="text-sm text-muted">{text}</span>
            </button>
          </li>
        ))}
      </ul>
      <ImportDialog open={importing} onClose={() => setImporting(false)} onImport={(spec) => { setImported(spec); setImporting(false); }} />
    </Page>
  );
}
