import { useQueryClient } from "@tanstack/react-query";
import { useId, useMemo } from "react";
import { api, type Schemas, unwrap, type Written } from "@/api/client";
import { useText } from "@/i18n";
import { DraftForm, percentAt, useDraft } from "@/resource/draft";
import { JsonField, textAt } from "@/resource/fields";
import { Button } from "@/ui/button";
import { Sheet } from "@/ui/dialog";
import { Field } from "@/ui/field";
import { Checkbox, Input, Select } from "@/ui/input";
import { toast } from "@/ui/toast";
import { dataTexts } from "./i18n-data";

type Destination = Schemas["Destination"];
type Spec = Written<Schemas["DestinationSpec"], "name" | "kind" | "url">;

/** The credential that each kind takes as a rule. */
const AUTH: Record<Spec["kind"], Schemas["DestinationAuth"]> = { langfuse: { type: "basic", user: "" }, phoenix: { type: "none" }, otlp: { type: "none" } };
const NEW: Spec = { name: "Langfuse", kind: "langfuse", url: "https://cloud.langfuse.com", auth: AUTH.langfuse, enabled: true };

/** A destination, new or changed. */
export function DestinationSheet({ destination, onClose }: { destination: Destination | null; onClose(): void }) {
  const t = useText(dataTexts);
  const client = useQueryClient();
  const form = useId();
  const initial = useMemo<Spec>(() => {
    if (!destination) return NEW;
    const { name, kind, url, auth, enabled, sampling_rate, project, headers, filter } = destination;
    return { name, kind, url, auth, enabled, sampling_rate, project, headers, filter };
  }, [destination]);
  const draft = useDraft<Spec, Destination>(
    initial,
    (value) => {
      // Of a change, what was emptied is taken away.
      const body = { ...value, sampling_rate: value.sampling_rate ?? 1 };
      return destination
        ? unwrap(api.PATCH("/api/v1/ingest/destinations/{id}", { params: { path: { id: destination.id } }, body: { ...body, headers: value.headers ?? null, filter: value.filter ?? null } as never }))
        : unwrap(api.POST("/api/v1/ingest/destinations", { body: body as Schemas["DestinationSpec"] }));
    },
    (saved) => {
      toast(destination ? t("changed") : t("created", { name: saved.name }));
      void client.invalidateQueries({ queryKey: ["destinations"] });
      onClose();
    },
  );
  const { kind } = draft.value;
  const auth = draft.value.auth?.type ?? "none";
  const setKind = (next: Spec["kind"]) => draft.replace({ ...draft.value, kind: next, auth: AUTH[next], ...(next !== "phoenix" && { project: null }), ...(!destination && draft.value.url === NEW.url && { url: "" }), ...(!destination && next === "langfuse" && !draft.value.url && { url: NEW.url }) });
  return (
    <Sheet open onClose={onClose} title={destination?.name ?? t("newDestination")} description={destination ? undefined : t("forwardingEmpty")} actions={<Button type="submit" form={form} variant="primary" busy={draft.saving} disabled={destination !== null && !draft.changed}>{destination ? t("save") : t("create")}</Button>}>
      <DraftForm draft={draft} id={form}>
        <div className="grid gap-4 sm:grid-cols-2">
          <Field label={t("kind")} pointer="/kind" required>
            <Select value={kind} onChange={(event) => setKind(event.target.value as Spec["kind"])}>
              <option value="langfuse">Langfuse</option>
              <option value="phoenix">Phoenix</option>
              <option value="otlp">OpenTelemetry (OTLP)</option>
            </Select>
          </Field>
          <Field label={t("name")} pointer="/name" required><Input {...textAt(draft, "/name")} /></Field>
        </div>
        <Field label={t("url")} pointer="/url" required hint={t(`url_${kind}`)}><Input className="font-mono text-xs" inputMode="url" spellCheck={false} {...textAt(draft, "/url")} /></Field>
        <div className="grid items-start gap-4 sm:grid-cols-3">
          <Field label={t("auth")} pointer="/auth/type">
            <Select value={auth} onChange={(event) => draft.set("/auth", event.target.value === "basic" ? { type: "basic", user: "" } : event.target.value === "header" ? { type: "header", name: "x-api-key" } : { type: event.target.value })}>
              {(["none", "bearer", "basic", "header"] as const).map((one) => <option key={one} value={one}>{t(one)}</option>)}
            </Select>
          </Field>
          {auth === "basic" && <Field label={kind === "langfuse" ? t("user_langfuse") : t("user")} pointer="/auth/user" required><Input spellCheck={false} {...textAt(draft, "/auth/user")} /></Field>}
          {auth === "header" && <Field label={t("headerName")} pointer="/auth/name" required><Input spellCheck={false} {...textAt(draft, "/auth/name")} /></Field>}
          {auth !== "none" && <Field label={t("credential")} pointer="/credential" hint={destination?.has_credential ? t("credentialKept") : t("credentialHint")}><Input type="password" autoComplete="off" {...textAt(draft, "/credential", "absent")} /></Field>}
        </div>
        {kind === "phoenix" && <Field label={t("project")} pointer="/project" hint={t("projectHint")}><Input {...textAt(draft, "/project", "null")} /></Field>}
        <Field label={t("samplingForward")} pointer="/sampling_rate" className="max-w-64"><Input min={0} max={100} step="any" placeholder="100" {...percentAt(draft, "/sampling_rate")} /></Field>
        <label className="flex items-center gap-2 text-sm"><Checkbox checked={draft.value.enabled ?? true} onChange={(event) => draft.set("/enabled", event.target.checked)} />{t("enabled")}</label>
        <details open={Boolean(draft.value.headers && Object.keys(draft.value.headers).length > 0) || Boolean(draft.value.filter)}>
          <summary className="text-sm text-muted">{t("more")}</summary>
          <div className="mt-3 grid gap-4">
            <JsonField form={draft} pointer="/headers" label={t("headers")} hint={t("headersHint")} />
            <JsonField form={draft} pointer="/filter" label={t("filter")} hint={t("filterHint")} />
          </div>
        </details>
      </DraftForm>
    </Sheet>
  );
}
