import { useNavigate } from "@tanstack/react-router";
import { useMay } from "@/api/me";
import { useBoth, useText } from "@/i18n";
import { useResourceForm } from "@/resource/form";
import { ResourceFormFrame } from "@/resource/ResourceFormFrame";
import { Page } from "@/ui/page";
import { NoPermission } from "@/ui/states";
import { toast } from "@/ui/toast";
import { AlertForm } from "./AlertForm";
import { alertTexts } from "./i18n";
import { type Alert, alertKind, type AlertSpec, NEW_ALERT } from "./kind";

/** A new alert. */
export default function NewAlertPage() {
  const t = useText(alertTexts);
  const both = useBoth();
  const navigate = useNavigate();
  const mayWrite = useMay(alertKind.write);
  const form = useResourceForm<Alert, AlertSpec>(alertKind, NEW_ALERT);
  if (!mayWrite) return <NoPermission />;
  return (
    <Page title={both(alertKind.create)} back={{ to: alertKind.path, label: t("all") }} wide={false}>
      <ResourceFormFrame kind={alertKind} form={form} isNew mayWrite onSaved={(alert) => { toast(t("created", { name: alert.name })); void navigate({ to: `${alertKind.path}/${alert.id}` }); }}>
        <AlertForm form={form} />
      </ResourceFormFrame>
    </Page>
  );
}
