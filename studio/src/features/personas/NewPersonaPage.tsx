import { useNavigate } from "@tanstack/react-router";
import { useMay } from "@/api/me";
import { useBoth, useText } from "@/i18n";
import { Page } from "@/ui/page";
import { NoPermission } from "@/ui/states";
import { toast } from "@/ui/toast";
import { personaTexts } from "./i18n";
import { NEW_PERSONA, personaKind } from "./kind";
import { PersonaEditor } from "./PersonaEditor";

/** A new persona. */
export default function NewPersonaPage() {
  const t = useText(personaTexts);
  const both = useBoth();
  const navigate = useNavigate();
  if (!useMay(personaKind.write)) return <NoPermission />;
  return (
    <Page title={both(personaKind.create)} back={{ to: "/personas", label: t("all") }}>
      <PersonaEditor
        initial={NEW_PERSONA}
        onSaved={(persona) => {
          toast(t("created", { name: persona.name }));
          void navigate({ to: `/personas/${persona.id}` });
        }}
      />
    </Page>
  );
}
