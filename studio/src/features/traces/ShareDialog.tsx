import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link2 } from "lucide-react";
import { request, type Schemas } from "@/api/client";
import { ApiError } from "@/api/error";
import { usePages } from "@/api/pages";
import { useText } from "@/i18n";
import { ago, dateTime, exactTime } from "@/lib/format";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { CopyButton } from "@/ui/copy";
import { Dialog } from "@/ui/dialog";
import { Field, FieldErrors } from "@/ui/field";
import { Checkbox, Input, Select } from "@/ui/input";
import { ErrorState, Loading, messageOf } from "@/ui/states";
import { toast, toastError } from "@/ui/toast";
import { actionTexts } from "./actions-i18n";

const DAYS = { day: 1, week: 7, month: 30, never: null } as const;

/** The page that shows a trace to whoever has the token. */
const addressOf = (token: string) => `${location.origin}/shared/${encodeURIComponent(token)}`;

/** Public links to a trace: made, listed, revoked. */
export function ShareDialog({ trace, onClose }: { trace: string; onClose(): void }) {
  const t = useText(actionTexts);
  const client = useQueryClient();
  const path = `/api/v1/traces/${encodeURIComponent(trace)}/shares`;
  const [payloads, setPayloads] = useState(false);
  const [lasts, setLasts] = useState<keyof typeof DAYS>("week");
  const [note, setNote] = useState("");
  const links = usePages<Schemas["Share"]>({ key: ["shares", trace], path });
  const refresh = () => client.invalidateQueries({ queryKey: ["shares", trace] });
  const make = useMutation({
    mutationFn: () => {
      const days = DAYS[lasts];
      return request<Schemas["NewShare"]>("POST", path, { body: { payloads, note, expires_at: days === null ? null : new Date(Date.now() + days * 86_400_000).toISOString() } });
    },
    onSuccess: refresh,
  });
  const revoke = useMutation({
    mutationFn: (id: string) => request("DELETE", `${path}/${id}`),
    onSuccess: async () => { toast(t("linkRevoked")); await refresh(); },
    onError: (error) => toastError(messageOf(error, t("failed"))),
  });
  const made = make.data?.data;
  const fields = make.error instanceof ApiError ? make.error.fields : new Map<string, string>();
  return (
    <Dialog open onClose={onClose} title={t("shareTitle")} description={t("shareText")} actions={<Button onClick={onClose}>{t("close")}</Button>}>
      <div className="grid gap-4">
        {made ? (
          <Field label={t("link")} hint={t("linkOnce")}>
            <LinkField address={addressOf(made.token)} />
          </Field>
        ) : (
          <FieldErrors value={fields}>
            <form className="grid gap-3" onSubmit={(event) => { event.preventDefault(); make.mutate(); }}>
              <div className="grid gap-3 sm:grid-cols-2">
                <Field label={t("expires")} pointer="/expires_at">
                  <Select value={lasts} onChange={(event) => setLasts(event.target.value as keyof typeof DAYS)}>
                    {(Object.keys(DAYS) as (keyof typeof DAYS)[]).map((one) => <option key={one} value={one}>{t(one)}</option>)}
                  </Select>
                </Field>
                <Field label={t("note")} hint={t("noteHint")} pointer="/note"><Input value={note} onChange={(event) => setNote(event.target.value)} /></Field>
              </div>
              <label className="flex items-center gap-2 text-sm"><Checkbox checked={payloads} onChange={(event) => setPayloads(event.target.checked)} />{t("payloads")}</label>
              {make.error && <p role="alert" className="text-sm text-bad">{messageOf(make.error, t("failed"))}</p>}
              <div><Button type="submit" variant="primary" busy={make.isPending}><Link2 aria-hidden />{t("makeLink")}</Button></div>
            </form>
          </FieldErrors>
        )}
        <section>
          <h3 className="mb-1 text-sm font-semibold">{t("links")}</h3>
          {links.error ? <ErrorState error={links.error} /> : links.isPending ? <Loading rows={2} /> : links.rows.length === 0 ? <p className="text-sm text-muted">{t("noLinks")}</p> : (
            <ul className="divide-y divide-line">
              {links.rows.map((one) => (
                <li key={one.id} className="flex items-center gap-3 py-2 text-sm">
                  <Badge dot tone={one.status === "active" ? "good" : "neutral"}>{t(one.status)}</Badge>
                  <span className="min-w-0 flex-1">
                    <span className="block truncate">{one.note || t(one.payloads ? "withPayloads" : "withoutPayloads")}</span>
                    <span className="text-xs text-muted" title={exactTime(one.created_at)}>{ago(one.created_at)}{one.expires_at && ` · ${t("until", { when: dateTime(one.expires_at) })}`}{one.note && ` · ${t(one.payloads ? "withPayloads" : "withoutPayloads")}`}</span>
                  </span>
                  {one.status === "active" && <Button variant="danger" size="sm" busy={revoke.isPending} onClick={() => revoke.mutate(one.id)}>{t("revoke")}</Button>}
                </li>
              ))}
            </ul>
          )}
        </section>
      </div>
    </Dialog>
  );
}

function LinkField({ address, ...control }: { address: string; id?: string }) {
  const t = useText(actionTexts);
  return (
    <span className="flex gap-1">
      <Input {...control} readOnly value={address} className="font-mono text-xs" onFocus={(event) => event.target.select()} />
      <CopyButton text={address} label={t("copyLink")} />
    </span>
  );
}
