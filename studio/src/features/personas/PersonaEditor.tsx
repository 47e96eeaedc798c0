import { useText } from "@/i18n";
import { useMay } from "@/api/me";
import { useResourceForm } from "@/resource/form";
import { ResourceFormFrame } from "@/resource/ResourceFormFrame";
import { Section } from "@/ui/section";
import { personaTexts } from "./i18n";
import { type Persona, personaKind, type PersonaSpec } from "./kind";
import { PersonaForm } from "./PersonaForm";
import { Portrait } from "./Portrait";

/** The form of a persona beside what it says in words. */
export function PersonaEditor({ initial, edited, onSaved }: { initial: PersonaSpec; edited?: { id: string; etag: string | null }; onSaved(persona: Persona): void }) {
  const t = useText(personaTexts);
  const mayWrite = useMay(personaKind.write);
  const form = useResourceForm<Persona, PersonaSpec>(personaKind, initial, edited);
  return (
    <div className="grid items-start gap-6 lg:grid-cols-[minmax(0,1fr)_20rem]">
      <ResourceFormFrame kind={personaKind} form={form} isNew={!edited} mayWrite={mayWrite} onSaved={onSaved}>
        <PersonaForm form={form} />
      </ResourceFormFrame>
      <div className="lg:sticky lg:top-4">
        <Section title={t("preview")}>
          <p className="-mt-2 text-xs text-muted">{t("previewHint")}</p>
          <Portrait persona={form.value} />
        </Section>
      </div>
    </div>
  );
}
