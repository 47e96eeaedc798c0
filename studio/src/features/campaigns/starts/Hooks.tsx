import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { Plus, Trash2, Webhook } from "lucide-react";
import { useMay } from "@/api/me";
import { usePages } from "@/api/pages";
import { useText } from "@/i18n";
import { Badge } from "@/ui/badge";
import { Button, ButtonLink } from "@/ui/button";
import { CopyButton } from "@/ui/copy";
import { Confirm } from "@/ui/dialog";
import { Checkbox } from "@/ui/input";
import { Section } from "@/ui/section";
import { Empty, ErrorState, Loading } from "@/ui/states";
import { type Hook, useStartActions } from "./data";
import { Deliveries } from "./Deliveries";
import { startsTexts } from "./i18n";

/** Campaigns that other programs start. */
export function Hooks() {
  const t = useText(startsTexts);
  const mayRun = useMay("campaigns_run");
  const list = usePages<Hook>({ key: ["hooks"], path: "/api/v1/hooks" });
  return (
    <Section className="grid-cols-1" title={t("hooks")} actions={mayRun && <ButtonLink size="sm" to="/campaigns/hooks/new"><Plus aria-hidden />{t("newHook")}</ButtonLink>}>
      {list.error && list.rows.length === 0 ? <ErrorState error={list.error} onRetry={() => void list.refetch()} />
        : list.isPending ? <Loading rows={2} />
        : list.rows.length === 0 ? <Empty icon={Webhook}>{t("hooksEmpty")}</Empty>
        : <ul className="-my-2 divide-y divide-line">{list.rows.map((one) => <Row key={one.id} hook={one} mayRun={mayRun} />)}</ul>}
    </Section>
  );
}

function Row({ hook, mayRun }: { hook: Hook; mayRun: boolean }) {
  const t = useText(startsTexts);
  const { enable, remove } = useStartActions("hooks");
  const [asking, setAsking] = useState(false);
  const [open, setOpen] = useState(false);
  return (
    <li className="grid grid-cols-1 gap-1 py-2.5 text-sm">
      <div className="flex items-center gap-3">
        <Checkbox aria-label={t("turnOn", { name: hook.name })} checked={hook.enabled} disabled={!mayRun || enable.isPending} onChange={(event) => enable.mutate({ id: hook.id, enabled: event.target.checked })} />
        <Link to={`/campaigns/hooks/${hook.id}`} className="min-w-0 flex-1 truncate font-medium hover:text-accent hover:underline">{hook.name}</Link>
        <Badge>{t(hook.provider)}</Badge>
        <Button size="sm" variant="ghost" aria-expanded={open} onClick={() => setOpen(!open)}>{t("deliveries")}</Button>
        {mayRun && <Button variant="ghost" size="icon-sm" aria-label={`${t("delete")}: ${hook.name}`} onClick={() => setAsking(true)}><Trash2 aria-hidden /></Button>}
      </div>
      <p className="flex items-center gap-1 pl-7 font-mono text-xs text-muted"><span className="truncate">{hook.url}</span><CopyButton text={hook.url} /></p>
      {open && <div className="grid gap-2 pl-7"><Deliveries id={hook.id} /></div>}
      <Confirm danger open={asking} onClose={() => setAsking(false)} title={t("deleteTitle", { name: hook.name })} description={t("deleteText")} confirm={t("delete")} busy={remove.isPending} onConfirm={() => remove.mutate(hook.id, { onSettled: () => setAsking(false) })} />
    </li>
  );
}
