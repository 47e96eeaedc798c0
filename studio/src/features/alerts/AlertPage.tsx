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
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { Page } from "@/ui/page";
import { Loaded } from "@/ui/states";
import { Tabs } from "@/ui/tabs";
import { toast } from "@/ui/toast";
import { AlertForm } from "./AlertForm";
import { ConditionText } from "./AlertsPage";
import { alertTexts } from "./i18n";
import { type Alert, alertKind, type AlertSpec, SEVERITY_TONES } from "./kind";
import { Status } from "./Status";

/** One alert: where it stands, its settings. */
export default function AlertPage() {
  const { id } = useParams({ strict: false }) as { id: string };
  const alert = useResource(alertKind, id);
  return <Loaded query={alert}>{({ data, etag }) => <Detail key={data.id} alert={data} etag={etag} />}</Loaded>;
}

function Detail({ alert, etag }: { alert: Alert; etag: string | null }) {
  const t = useText(alertTexts);
  const navigate = useNavigate();
  const mayWrite = useMay(alertKind.write);
  const remove = useRemove(alertKind);
  const [{ tab }, set] = useUrlState({ tab: "status" });
  const part = tab === "settings" ? "settings" : "status";
  return (
    <Page
      title={alert.name} back={{ to: alertKind.path, label: t("all") }}
      description={<span className="flex flex-wrap items-center gap-2"><Badge tone={SEVERITY_TONES[alert.severity]}>{t(alert.severity)}</Badge>{alert.measure.type === "score" ? alert.measure.name : t(alert.measure.type)}, <ConditionText alert={alert} /></span>}
      actions={mayWrite && <Button variant="danger" busy={remove.isPending} onClick={() => remove.mutate([alert.id], { onSuccess: () => void navigate({ to: alertKind.path }) })}><Trash2 aria-hidden />{t("delete")}</Button>}
    >
      <Tabs label={alert.name} value={part} onChange={(next) => set({ tab: next }, { push: true })} tabs={[{ value: "status", label: t("status") }, { value: "settings", label: t("settings") }]}>
        {part === "status" ? <Status alert={alert} /> : <Settings alert={alert} etag={etag} mayWrite={mayWrite} />}
      </Tabs>
    </Page>
  );
}

function Settings({ alert, etag, mayWrite }: { alert: Alert; etag: string | null; mayWrite: boolean }) {
  const t = useText(resourceTexts);
  const initial = useMemo(() => specOf<Alert, AlertSpec>(alertKind, alert), [alert]);
  const form = useResourceForm<Alert, AlertSpec>(alertKind, initial, { id: alert.id, etag });
  return (
    <div className="max-w-3xl">
      <ResourceFormFrame kind={alertKind} form={form} isNew={false} mayWrite={mayWrite} onSaved={(saved) => toast(t("saved", { n: saved.version }))}><AlertForm form={form} /></ResourceFormFrame>
    </div>
  );
}
