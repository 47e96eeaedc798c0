import { useNavigate, useParams } from "@tanstack/react-router";
import { useMemo } from "react";
import { Trash2 } from "lucide-react";
import { useMay } from "@/api/me";
import { useText } from "@/i18n";
import { useUrlState } from "@/lib/url-state";
import { useRemove, useResource } from "@/resource/data";
import { useResourceForm } from "@/resource/form";
import { resourceTexts } from "@/resource/i18n";
import { specOf } from "@/resource/kind";
import { ResourceFormFrame } from "@/resource/ResourceFormFrame";
import { Button } from "@/ui/button";
import { Page } from "@/ui/page";
import { Loaded } from "@/ui/states";
import { Tabs } from "@/ui/tabs";
import { toast } from "@/ui/toast";
import { ruleTexts } from "./i18n";
import { type Rule, ruleKind, type RuleSpec } from "./kind";
import { Queue } from "./Queue";
import { RuleForm } from "./RuleForm";

/** One rule: what it evaluated, its settings. */
export default function RulePage() {
  const { id } = useParams({ strict: false }) as { id: string };
  const rule = useResource(ruleKind, id);
  return <Loaded query={rule}>{({ data, etag }) => <Detail key={data.id} rule={data} etag={etag} />}</Loaded>;
}

function Detail({ rule, etag }: { rule: Rule; etag: string | null }) {
  const t = useText(ruleTexts);
  const navigate = useNavigate();
  const mayWrite = useMay(ruleKind.write);
  // What a rule has done is said of traces.
  const maySee = useMay("traces_read");
  const remove = useRemove(ruleKind);
  const [{ tab }, set] = useUrlState({ tab: "queue", state: "" });
  const part = tab === "settings" || !maySee ? "settings" : "queue";
  return (
    <Page
      title={rule.name} description={rule.description} back={{ to: ruleKind.path, label: t("all") }}
      actions={mayWrite && <Button variant="danger" busy={remove.isPending} onClick={() => remove.mutate([rule.id], { onSuccess: () => void navigate({ to: ruleKind.path }) })}><Trash2 aria-hidden />{t("delete")}</Button>}
    >
      <Tabs label={rule.name} value={part} onChange={(next) => set({ tab: next, state: "" }, { push: true })} tabs={[...(maySee ? [{ value: "queue" as const, label: t("queue") }] : []), { value: "settings" as const, label: t("settings") }]}>
        {part === "queue" ? <Queue rule={rule} /> : <Settings rule={rule} etag={etag} mayWrite={mayWrite} />}
      </Tabs>
    </Page>
  );
}

function Settings({ rule, etag, mayWrite }: { rule: Rule; etag: string | null; mayWrite: boolean }) {
  const t = useText(resourceTexts);
  const initial = useMemo(() => specOf<Rule, RuleSpec>(ruleKind, rule), [rule]);
  const form = useResourceForm<Rule, RuleSpec>(ruleKind, initial, { id: rule.id, etag });
  return (
    <div className="max-w-3xl">
      <ResourceFormFrame kind={ruleKind} form={form} isNew={false} mayWrite={mayWrite} onSaved={(saved) => toast(t("saved", { n: saved.version }))}><RuleForm form={form} /></ResourceFormFrame>
    </div>
  );
}
