import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Ellipsis, FlaskConical, Pencil, Plus, Power, Trash2 } from "lucide-react";
import { api, type Schemas, unwrap } from "@/api/client";
import { useMay } from "@/api/me";
import { usePages } from "@/api/pages";
import { useText } from "@/i18n";
import { ago, dateTime, duration, exactTime, number, percent } from "@/lib/format";
import { useUrlState } from "@/lib/url-state";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { Confirm } from "@/ui/dialog";
import { Menu, MenuItem } from "@/ui/menu";
import { Page } from "@/ui/page";
import { Facts } from "@/ui/section";
import { Empty, ErrorState, Loading, messageOf } from "@/ui/states";
import { toast, toastError } from "@/ui/toast";
import { DestinationSheet } from "./DestinationSheet";
import { dataTexts } from "./i18n-data";

type Destination = Schemas["Destination"];
const KINDS: Record<Destination["kind"], string> = { langfuse: "Langfuse", phoenix: "Phoenix", otlp: "OpenTelemetry (OTLP)" };

/** Where traces are forwarded to, and how it goes. */
export default function DestinationsPage() {
  const t = useText(dataTexts);
  const may = useMay("workspace_manage");
  const [state, set] = useUrlState({ new: "", edit: "" });
  const list = usePages<Destination>({ key: ["destinations"], path: "/api/v1/ingest/destinations", limit: 50, refetchInterval: 10_000 });
  const create = may && <Button variant="primary" onClick={() => set({ new: "1" }, { push: true })}><Plus aria-hidden />{t("newDestination")}</Button>;
  const edited = list.rows.find((one) => one.id === state.edit) ?? null;
  return (
    <Page title={t("forwarding")} actions={create}>
      {list.error && list.rows.length === 0 ? <ErrorState error={list.error} onRetry={() => void list.refetch()} />
        : list.isPending ? <Loading />
        : list.rows.length === 0 ? <div className="card"><Empty action={create}>{t("forwardingEmpty")}</Empty></div>
        : <ul className="grid gap-3">{list.rows.map((one) => <li key={one.id}><Card destination={one} onEdit={() => set({ edit: one.id }, { push: true })} /></li>)}</ul>}
      {may && (state.new || edited) && <DestinationSheet key={edited?.id} destination={edited} onClose={() => set({ new: "", edit: "" })} />}
    </Page>
  );
}

function Card({ destination, onEdit }: { destination: Destination; onEdit(): void }) {
  const t = useText(dataTexts);
  const client = useQueryClient();
  const may = useMay("workspace_manage");
  const [asks, setAsks] = useState(false);
  const path = { params: { path: { id: destination.id } } };
  const refresh = () => client.invalidateQueries({ queryKey: ["destinations"] });
  const { name } = destination;
  const test = useMutation({ mutationFn: () => unwrap(api.POST("/api/v1/ingest/destinations/{id}/test", path)), onError: (error) => toastError(messageOf(error, t("didNot"))) });
  const power = useMutation({
    mutationFn: (enabled: boolean) => unwrap(api.PATCH("/api/v1/ingest/destinations/{id}", { ...path, body: { enabled } as never })),
    onSuccess: (_, enabled) => {
      toast(t(enabled ? "switchedOn" : "switchedOff", { name }), { undo: () => power.mutate(!enabled) });
      return refresh();
    },
    onError: (error) => toastError(messageOf(error, t("didNot"))),
  });
  const remove = useMutation({
    mutationFn: () => api.DELETE("/api/v1/ingest/destinations/{id}", path),
    onSuccess: () => {
      toast(t("deleted", { name }));
      return refresh();
    },
    onError: (error) => toastError(messageOf(error, t("didNot"))),
  });
  const failing = destination.retry_at !== null;
  return (
    <section className="card grid gap-3 p-4" aria-label={name}>
      <div className="flex flex-wrap items-center gap-3">
        <div className="min-w-0 flex-1">
          <h2 className="flex flex-wrap items-center gap-2 font-semibold">
            {name}<Badge>{KINDS[destination.kind]}</Badge>
            {!destination.enabled ? <Badge dot>{t("off")}</Badge> : failing ? <Badge dot tone="warn">{t("failing")}</Badge> : <Badge dot tone="good">{t("sending")}</Badge>}
          </h2>
          <p className="truncate font-mono text-xs text-muted" title={destination.url}>{destination.url}</p>
        </div>
        {may && <Button busy={test.isPending} onClick={() => test.mutate()}><FlaskConical aria-hidden />{t("test")}</Button>}
        {may && (
          <Menu trigger={<Button variant="ghost" size="icon" aria-label={t("actions", { name })}><Ellipsis aria-hidden /></Button>}>
            <MenuItem onSelect={onEdit}><Pencil aria-hidden />{t("edit")}</MenuItem>
            <MenuItem onSelect={() => power.mutate(!destination.enabled)}><Power aria-hidden />{destination.enabled ? t("switchOff") : t("switchOn")}</MenuItem>
            <MenuItem danger onSelect={() => setAsks(true)}><Trash2 aria-hidden />{t("delete")}</MenuItem>
          </Menu>
        )}
      </div>
      <Facts facts={[
        [t("sent"), number(destination.sent)],
        [t("waiting"), number(destination.waiting)],
        [t("failed"), destination.failed > 0 ? <span key="f" className="text-bad">{number(destination.failed)}</span> : null],
        [t("dropped"), destination.dropped > 0 ? <span key="d" className="text-bad">{number(destination.dropped)}</span> : null],
        [t("lastSent"), destination.last_sent_at ? <time key="l" title={exactTime(destination.last_sent_at)}>{ago(destination.last_sent_at)}</time> : t("never")],
        [t("samplingForward"), destination.sampling_rate < 1 ? percent(destination.sampling_rate, 1) : null],
        [t("retryAt"), destination.retry_at ? dateTime(destination.retry_at) : null],
      ]} />
      {destination.last_error && (
        <p className="rounded-md bg-warn-soft px-3 py-2 text-sm text-warn">
          <span className="font-medium">{t("lastError")}{destination.last_error_at && `, ${ago(destination.last_error_at)}`}: </span><span className="wrap-anywhere">{destination.last_error}</span>
        </p>
      )}
      <div aria-live="polite">
        {test.data && (
          <p className={test.data.ok ? "rounded-md bg-good-soft px-3 py-2 text-sm text-good" : "rounded-md bg-bad-soft px-3 py-2 text-sm text-bad"}>
            {test.data.ok ? t("testOk", { time: duration(test.data.latency_ms) }) : `${t("testFailed")}${test.data.status ? ` (${test.data.status})` : ""}`}{test.data.message && `: ${test.data.message}`}
          </p>
        )}
      </div>
      {asks && <Confirm open onClose={() => setAsks(false)} danger title={t("deleteTitle", { name })} description={t("deleteText")} confirm={t("delete")} busy={remove.isPending} onConfirm={() => remove.mutate()} />}
    </section>
  );
}
