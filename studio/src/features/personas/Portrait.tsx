import { EyeOff, Hourglass, MessageCircle, Smile } from "lucide-react";
import type { ReactNode } from "react";
import type { Schemas } from "@/api/client";
import { locale, useBoth, useText } from "@/i18n";
import { Badge, type Tone } from "@/ui/badge";
import { personaTexts } from "./i18n";
import { DISCLOSURES, type PersonaSpec } from "./kind";

const TONES: Record<Schemas["Disclosure"], Tone> = { upfront: "good", when_asked: "info", reluctantly: "warn", never: "bad" };

/** A persona in words, as one would tell of a person. */
export function Portrait({ persona }: { persona: PersonaSpec }) {
  const t = useText(personaTexts);
  const both = useBoth();
  const { name, description, traits = [], mood, language, tone, style, goals = [], knowledge, disclosure = [], patience = 5 } = persona;
  const bare = !name && !description && traits.length + goals.length + disclosure.length === 0;
  if (bare) return <p className="text-sm text-muted">{t("nobody")}</p>;
  const initial = [...(name.trim() || "?")][0]?.toUpperCase();
  return (
    <article className="grid gap-4">
      <header className="flex items-center gap-3">
        <span aria-hidden className="grid size-11 shrink-0 place-items-center rounded-full bg-copper/15 text-lg font-semibold text-copper">{initial}</span>
        <div className="min-w-0">
          <p className="font-semibold wrap-anywhere">{name || "–"}</p>
          {traits.length > 0 && <p className="text-sm wrap-anywhere text-muted">{traits.join(", ")}</p>}
        </div>
      </header>
      {description && <p className="text-sm wrap-anywhere whitespace-pre-wrap">{description}</p>}
      <ul className="grid gap-1 text-sm">
        <Line icon={MessageCircle}>{language ? t("speaks", { language: nameOf(language) }) : t("speaksScenario")}</Line>
        {mood && <Line icon={Smile}>{t("feels", { mood })}</Line>}
        {tone && <Line icon={Smile}>{t("sounds", { tone })}</Line>}
        {style && <Line icon={MessageCircle}>{t("writes", { style })}</Line>}
        <Line icon={Hourglass}><span className="inline-block first-letter:uppercase">{patience >= 10 ? t("never") : patience <= 1 ? t("atOnce") : t("after", { n: patience })}</span></Line>
      </ul>
      {goals.length > 0 && <Part title={t("wantsTo")}><ul className="list-disc pl-4 text-sm">{goals.map((goal, index) => <li key={index}>{goal}</li>)}</ul></Part>}
      {knowledge && <Part title={t("knows")}><p className="text-sm wrap-anywhere whitespace-pre-wrap">{knowledge}</p></Part>}
      {disclosure.length > 0 && (
        <Part title={t("tells")}>
          <ol className="grid gap-1.5">
            {disclosure.map((fact, index) => (
              <li key={index} className="flex items-baseline gap-2 text-sm">
                <Badge tone={TONES[fact.when ?? "when_asked"]}>{fact.when === "never" && <EyeOff aria-hidden className="size-3" />}{both(DISCLOSURES[fact.when ?? "when_asked"])}</Badge>
                <span className="min-w-0 wrap-anywhere">{fact.text || "–"}</span>
              </li>
            ))}
          </ol>
        </Part>
      )}
    </article>
  );
}

/** The name of a language that was given by its tag; any other text as it is. */
function nameOf(language: string): string {
  try {
    return /^[a-z]{2,3}(-[A-Za-z0-9]+)*$/.test(language) ? (new Intl.DisplayNames(locale(), { type: "language" }).of(language) ?? language) : language;
  } catch {
    return language;
  }
}

const Line = ({ icon: Icon, children }: { icon: typeof Smile; children: ReactNode }) => (
  <li className="flex items-start gap-2"><Icon aria-hidden className="mt-0.5 size-4 shrink-0 text-muted" /><span className="min-w-0 wrap-anywhere">{children}</span></li>
);

const Part = ({ title, children }: { title: string; children: ReactNode }) => <section className="grid gap-1"><h3 className="label">{title}</h3>{children}</section>;
