import { useNavigate, useParams } from "@tanstack/react-router";
import { useMemo } from "react";
import { SquarePlay, Trash2 } from "lucide-react";
import { useMay } from "@/api/me";
import { useText } from "@/i18n";
import { useUrlState } from "@/lib/url-state";
import { useRemove, useResource } from "@/resource/data";
import { useResourceForm } from "@/resource/form";
import { resourceTexts } from "@/resource/i18n";
import { specOf } from "@/resource/kind";
import { ResourceFormFrame } from "@/resource/ResourceFormFrame";
import { Badge } from "@/ui/badge";
import { Button, ButtonLink } from "@/ui/button";
import { Page } from "@/ui/page";
import { Loaded } from "@/ui/states";
import { Tabs } from "@/ui/tabs";
import { toast } from "@/ui/toast";
import { FillIn } from "./FillIn";
import { promptTexts } from "./i18n";
import { LATEST, type Prompt, promptKind, type PromptSpec } from "./kind";
import { PromptForm } from "./PromptForm";
import { PromptVersions } from "./PromptVersions";

/** One prompt: its contents, how it looks filled in, its versions and labels. */
export default function PromptPage() {
  const { id } = useParams({ strict: false }) as { id: string };
  const prompt = useResource(promptKind, id);
  return <Loaded query={prompt}>{({ data, etag }) => <Detail key={data.id} prompt={data} etag={etag} />}</Loaded>;
}

function Detail({ prompt, etag }: { prompt: Prompt; etag: string | null }) {
  const t = useText(promptTexts);
  const navigate = useNavigate();
  const mayWrite = useMay(promptKind.write);
  const mayRun = useMay("evaluations_run");
  const remove = useRemove(promptKind);
  const [{ tab }, setTab] = useUrlState({ tab: "prompt", version: "", against: "" });
  const part = tab === "fill" || tab === "versions" ? tab : "prompt";
  const labels = Object.entries(prompt.labels).filter(([label]) => label !== LATEST);
  return (
    <Page
      title={prompt.name}
      description={<span className="flex flex-wrap items-center gap-1.5">
        {t(prompt.type)} · {t("version")} {prompt.version}
        {labels.map(([label, version]) => <Badge key={label} tone={label === "production" ? "good" : "info"}>{label} · {version}</Badge>)}
        {prompt.description && <span className="min-w-0 truncate">· {prompt.description}</span>}
      </span>}
      back={{ to: "/prompts", label: t("all") }}
      actions={<>
        {mayRun && <ButtonLink to="/playground" search={{ prompt: prompt.id } as never}><SquarePlay aria-hidden />{t("inPlayground")}</ButtonLink>}
        {mayWrite && (
          <Button variant="danger" busy={remove.isPending} onClick={() => remove.mutate([prompt.id], { onSuccess: () => void navigate({ to: "/prompts" }) })}>
            <Trash2 aria-hidden />{t("delete")}
          </Button>
        )}
      </>}
    >
      <Tabs
        label={prompt.name}
        value={part}
        onChange={(next) => setTab({ tab: next, version: "", against: "" }, { push: true })}
        tabs={[{ value: "prompt", label: t("prompt") }, { value: "fill", label: t("preview") }, { value: "versions", label: t("versions") }]}
      >
        {part === "prompt" && <Contents key={prompt.version} prompt={prompt} etag={etag} mayWrite={mayWrite} />}
        {part === "fill" && <FillIn name={prompt.name} content={prompt.prompt} labels={labels.map(([label]) => label).sort((a, b) => Number(b === "production") - Number(a === "production"))} />}
        {part === "versions" && <PromptVersions prompt={prompt} etag={etag} mayWrite={mayWrite} />}
      </Tabs>
    </Page>
  );
}

function Contents({ prompt, etag, mayWrite }: { prompt: Prompt; etag: string | null; mayWrite: boolean }) {
  const t = useText(resourceTexts);
  const initial = useMemo(() => specOf<Prompt, PromptSpec>(promptKind, prompt), [prompt]);
  const form = useResourceForm<Prompt, PromptSpec>(promptKind, initial, { id: prompt.id, etag });
  return (
    <div className="max-w-4xl">
      <ResourceFormFrame kind={promptKind} form={form} isNew={false} mayWrite={mayWrite} onSaved={(saved) => toast(t("saved", { n: saved.version }))}>
        <PromptForm form={form} isNew={false} />
      </ResourceFormFrame>
    </div>
  );
}
