import { useMemo, useState } from "react";
import { Download } from "lucide-react";
import { address, open, type Schemas } from "@/api/client";
import { useMay } from "@/api/me";
import { usePages } from "@/api/pages";
import { usePeople } from "@/resource/people";
import { useText } from "@/i18n";
import { ago, dateTime, exactTime } from "@/lib/format";
import { useUrlState } from "@/lib/url-state";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import type { Column } from "@/ui/data-table";
import { Sheet } from "@/ui/dialog";
import { Input, Select } from "@/ui/input";
import { JsonView } from "@/ui/json-view";
import { Menu, MenuItem } from "@/ui/menu";
import { Page } from "@/ui/page";
import { Facts } from "@/ui/section";
import { Empty, messageOf, NoPermission } from "@/ui/states";
import { toast, toastError } from "@/ui/toast";
import { settingsTexts } from "./i18n";
import { ListFrame } from "./ListFrame";

type Entry = Schemas["AuditEntry"];
const KINDS = ["user", "api_key", "service_account"] as const;

/** Everything that was done in the workspace, the newest first. */
export default function AuditPage() {
  const t = useText(settingsTexts);
  const may = useMay("audit_read");
  const { people, nameOf } = usePeople();
  const [state, set] = useUrlState({ action: "", actor_kind: "", actor_id: "", target_kind: "", target_id: "" });
  const [shown, setShown] = useState<Entry | null>(null);
  const [saving, setSaving] = useState(false);
  const query = { action: state.action, actor_kind: state.actor_kind, actor_id: state.actor_id, target_kind: state.target_kind, target_id: state.target_id };
  const list = usePages<Entry>({ key: ["audit-log"], path: "/api/v1/audit-log", query, enabled: may });
  const columns = useMemo<Column<Entry>[]>(() => [
    { id: "when", header: t("when"), width: 150, cell: (one) => <time dateTime={one.at} title={exactTime(one.at)} className="text-muted">{ago(one.at)}</time> },
    { id: "action", header: t("action"), width: 220, cell: (one) => <button type="button" className="max-w-full truncate font-mono text-xs font-medium hover:text-accent hover:underline" onClick={() => setShown(one)}>{one.action}</button> },
    { id: "actor", header: t("actor"), width: 220, cell: (one) => <span className="flex items-center gap-2"><span className="truncate">{nameOf(one.actor_id)}</span><Badge>{t(one.actor_kind)}</Badge></span> },
    { id: "target", header: t("target"), grow: true, width: 240, cell: (one) => <span className="text-muted">{one.target_kind} <span className="font-mono text-xs">{one.target_id}</span></span> },
    { id: "address", header: t("address"), width: 130, cell: (one) => <span className="font-mono text-xs text-muted">{one.address ?? "–"}</span> },
  ], [t, nameOf]);
  if (!may) return <NoPermission />;
  const save = async (format: "csv" | "ndjson") => {
    setSaving(true);
    try {
      const response = await open(address("/api/v1/audit-log", { ...query, format }), {});
      const url = URL.createObjectURL(await response.blob());
      const link = Object.assign(document.createElement("a"), { href: url, download: `audit-log.${format}` });
      link.click();
      URL.revokeObjectURL(url);
      toast(response.headers.get("x-next-cursor") ? t("exportMore") : `audit-log.${format}`);
    } catch (error) {
      toastError(messageOf(error, t("failed")));
    } finally {
      setSaving(false);
    }
  };
  const filtered = Object.values(query).some(Boolean);
  const clear = () => set({ action: "", actor_kind: "", actor_id: "", target_kind: "", target_id: "" });
  return (
    <Page
      title={t("audit")}
      actions={(
        <Menu trigger={<Button busy={saving}><Download aria-hidden />{t("export")}</Button>}>
          <MenuItem onSelect={() => void save("csv")}>{t("exportCsv")}</MenuItem>
          <MenuItem onSelect={() => void save("ndjson")}>{t("exportLines")}</MenuItem>
        </Menu>
      )}
    >
      <ListFrame
        list={list} columns={columns} name="audit-log" label={t("audit")} rowId={(one) => one.id} onOpen={(one) => setShown(one)}
        filtered={filtered} onClear={clear} empty={<Empty>{t("noEntries")}</Empty>}
        filters={<>
          <Input className="w-44 font-mono text-xs" aria-label={t("action")} placeholder={t("actionHint")} value={state.action} onChange={(event) => set({ action: event.target.value })} />
          <Select className="w-40" aria-label={t("actorKind")} value={state.actor_kind} onChange={(event) => set({ actor_kind: event.target.value })}>
            <option value="">{t("actorKind")}: …</option>
            {KINDS.map((one) => <option key={one} value={one}>{t(one)}</option>)}
          </Select>
          <Select className="w-44" aria-label={t("actor")} value={state.actor_id} onChange={(event) => set({ actor_id: event.target.value })}>
            <option value="">{t("anyActor")}</option>
            {state.actor_id && !people.some((one) => one.id === state.actor_id) && <option value={state.actor_id}>{nameOf(state.actor_id)}</option>}
            {people.map((one) => <option key={one.id} value={one.id}>{one.name}</option>)}
          </Select>
          <Input className="w-36" aria-label={t("targetKind")} placeholder={t("targetKind")} value={state.target_kind} onChange={(event) => set({ target_kind: event.target.value })} />
          <Input className="w-40 font-mono text-xs" aria-label={t("targetId")} placeholder={t("targetId")} value={state.target_id} onChange={(event) => set({ target_id: event.target.value })} />
          {filtered && <Button variant="ghost" size="sm" onClick={clear}>{t("clear")}</Button>}
        </>}
      />
      {shown && (
        <Sheet open onClose={() => setShown(null)} title={<span className="font-mono text-base">{shown.action}</span>} description={dateTime(shown.at)}>
          <div className="grid gap-4">
            <Facts facts={[[t("actor"), `${nameOf(shown.actor_id)} (${t(shown.actor_kind)})`], [t("target"), `${shown.target_kind} ${shown.target_id}`], [t("address"), shown.address], [t("request"), shown.request_id]]} className="grid" />
            <div className="flex flex-wrap gap-2">
              <Button size="sm" onClick={() => { set({ actor_id: shown.actor_id }); setShown(null); }}>{t("actor")}: {nameOf(shown.actor_id)}</Button>
              <Button size="sm" onClick={() => { set({ target_id: shown.target_id }); setShown(null); }}>{t("target")}: {shown.target_kind}</Button>
            </div>
            <section><h3 className="label mb-1">{t("detail")}</h3><JsonView value={shown.detail} search={false} /></section>
          </div>
        </Sheet>
      )}
    </Page>
  );
}
