import { useNavigate, useParams } from "@tanstack/react-router";
import { useMemo } from "react";
import { Trash2 } from "lucide-react";
import { useMay } from "@/api/me";
import { useText } from "@/i18n";
import { useRemove, useResource } from "@/resource/data";
import { resourceTexts } from "@/resource/i18n";
import { specOf } from "@/resource/kind";
import { Button } from "@/ui/button";
import { Page } from "@/ui/page";
import { Loaded } from "@/ui/states";
import { toast } from "@/ui/toast";
import { personaTexts } from "./i18n";
import { type Persona, personaKind, type PersonaSpec } from "./kind";
import { PersonaEditor } from "./PersonaEditor";

/** One persona. */
export default function PersonaPage() {
  const { id } = useParams({ strict: false }) as { id: string };
  const persona = useResource(personaKind, id);
  return <Loaded query={persona}>{({ data, etag }) => <Detail key={data.id} persona={data} etag={etag} />}</Loaded>;
}

function Detail({ persona, etag }: { persona: Persona; etag: string | null }) {
  const t = useText(personaTexts);
  const saved = useText(resourceTexts);
  const navigate = useNavigate();
  const mayWrite = useMay(personaKind.write);
  const remove = useRemove(personaKind);
  const initial = useMemo(() => specOf<Persona, PersonaSpec>(personaKind, persona), [persona]);
  return (
    <Page
      title={persona.name}
      back={{ to: "/personas", label: t("all") }}
      actions={mayWrite && (
        <Button variant="danger" busy={remove.isPending} onClick={() => remove.mutate([persona.id], { onSuccess: () => void navigate({ to: "/personas" }) })}>
          <Trash2 aria-hidden />{t("delete")}
        </Button>
      )}
    >
      <PersonaEditor initial={initial} edited={{ id: persona.id, etag }} onSaved={(next) => toast(saved("saved", { n: next.version }))} />
    </Page>
  );
}
