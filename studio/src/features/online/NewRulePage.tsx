import { useNavigate } from "@tanstack/react-router";
import { useMay } from "@/api/me";
import { useBoth, useText } from "@/i18n";
import { useResourceForm } from "@/resource/form";
import { ResourceFormFrame } from "@/resource/ResourceFormFrame";
import { Page } from "@/ui/page";
import { NoPermission } from "@/ui/states";
import { toast } from "@/ui/toast";
import { ruleTexts } from "./i18n";
import { NEW_RULE, type Rule, ruleKind, type RuleSpec } from "./kind";
import { RuleForm } from "./RuleForm";

/** A new rule. */
export default function NewRulePage() {
  const t = useText(ruleTexts);
  const both = useBoth();
  const navigate = useNavigate();
  const mayWrite = useMay(ruleKind.write);
  const form = useResourceForm<Rule, RuleSpec>(ruleKind, NEW_RULE);
  if (!mayWrite) return <NoPermission />;
  return (
    <Page title={both(ruleKind.create)} back={{ to: ruleKind.path, label: t("all") }} wide={false}>
      <ResourceFormFrame kind={ruleKind} form={form} isNew mayWrite onSaved={(rule) => { toast(t("created", { name: rule.name })); void navigate({ to: `${ruleKind.path}/${rule.id}` }); }}>
        <RuleForm form={form} />
      </ResourceFormFrame>
    </Page>
  );
}
