import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useId, useMemo } from "react";
import { api, type Permission, request, type Schemas, unwrap } from "@/api/client";
import type { Page } from "@/api/pages";
import { useBoth, useText } from "@/i18n";
import { DraftForm, useDraft } from "@/resource/draft";
import { textAt } from "@/resource/fields";
import { Button } from "@/ui/button";
import { Dialog, Sheet } from "@/ui/dialog";
import { Field } from "@/ui/field";
import { Checkbox, Input, Select } from "@/ui/input";
import { toast } from "@/ui/toast";
import { keyTexts } from "./i18n-keys";
import { PERMISSIONS, useRoles } from "./roles";
import { RoleSelect } from "./RoleSelect";

type Account = Schemas["ServiceAccount"];
const NONE: Account[] = [];

/** The service accounts, as far as one page goes. */
export function useAccounts(): Account[] {
  const { data } = useQuery({
    queryKey: ["service-accounts", "all"],
    queryFn: async ({ signal }) => (await request<Page<Account>>("GET", "/api/v1/service-accounts", { query: { limit: 200 }, signal })).data.data,
  });
  return data ?? NONE;
}

interface Value {
  name: string;
  role: string;
  service_account_id: string;
  /** A day, as the browser has it. */
  expires: string;
  scopes: Permission[];
}

/** The end of a day of this place, as an instant; null for none. */
export const endOf = (day: string) => (day ? new Date(`${day}T23:59:59`).toISOString() : null);
/** The day of an instant in this place. */
export function dayOf(instant: string | null): string {
  if (!instant) return "";
  const at = new Date(instant);
  return [at.getFullYear(), String(at.getMonth() + 1).padStart(2, "0"), String(at.getDate()).padStart(2, "0")].join("-");
}

/** A new key, with a role of its own or for a service account. */
export function NewKeyDialog({ account, onClose, onMade }: { account: string; onClose(): void; onMade(key: Schemas["NewApiKey"]): void }) {
  const t = useText(keyTexts);
  const both = useBoth();
  const client = useQueryClient();
  const form = useId();
  const accounts = useAccounts();
  const { roles } = useRoles();
  const initial = useMemo<Value>(() => ({ name: "", role: "editor", service_account_id: account, expires: "", scopes: [] }), [account]);
  const draft = useDraft<Value, Schemas["NewApiKey"]>(
    initial,
    (value) => unwrap(api.POST("/api/v1/api-keys", {
      body: {
        name: value.name,
        ...(value.service_account_id ? { service_account_id: value.service_account_id } : { role: value.role }),
        expires_at: endOf(value.expires),
        ...(value.scopes.length > 0 && { scopes: value.scopes }),
      } as never,
    })),
    (key) => {
      void client.invalidateQueries({ queryKey: ["api-keys"] });
      onClose();
      onMade(key);
    },
  );
  const { value } = draft;
  const role = value.service_account_id ? accounts.find((one) => one.id === value.service_account_id)?.role : value.role;
  const has = roles.find((one) => one.role === role)?.permissions ?? [];
  return (
    <Sheet open onClose={onClose} title={t("newKey")} description={t("emptyKeys")} actions={<Button type="submit" form={form} variant="primary" busy={draft.saving}>{t("create")}</Button>}>
      <DraftForm draft={draft} id={form}>
        <Field label={t("name")} pointer="/name" required><Input autoFocus {...textAt(draft, "/name")} /></Field>
        <div className="grid gap-4 sm:grid-cols-2">
          <Field label={t("belongs")} pointer="/service_account_id">
            <Select value={value.service_account_id} onChange={(event) => draft.set("/service_account_id", event.target.value)}>
              <option value="">{t("own")}</option>
              {accounts.map((one) => <option key={one.id} value={one.id}>{one.name}</option>)}
            </Select>
          </Field>
          {!value.service_account_id && <Field label={t("role")} pointer="/role" required><RoleSelect value={value.role} onChange={(event) => draft.replace({ ...value, role: event.target.value, scopes: [] })} /></Field>}
        </div>
        <Field label={t("expires")} pointer="/expires_at" hint={t("expiryHint")} className="max-w-52"><Input type="date" min={dayOf(new Date().toISOString())} {...textAt(draft, "/expires")} /></Field>
        <fieldset className="grid gap-1.5" data-pointer="/scopes">
          <legend className="mb-1 text-sm font-medium">{t("scopes")}</legend>
          <p className="text-xs text-muted">{t("scopesHint")}</p>
          {has.map((one) => (
            <label key={one} className="flex items-center gap-2 text-sm">
              <Checkbox checked={value.scopes.includes(one)} onChange={(event) => draft.set("/scopes", event.target.checked ? [...value.scopes, one] : value.scopes.filter((scope) => scope !== one))} />
              {both(PERMISSIONS[one])}
            </label>
          ))}
        </fieldset>
      </DraftForm>
    </Sheet>
  );
}

/** Another name, another end. */
export function EditKey({ apiKey, onClose }: { apiKey: Schemas["ApiKey"]; onClose(): void }) {
  const t = useText(keyTexts);
  const client = useQueryClient();
  const form = useId();
  const initial = useMemo(() => ({ name: apiKey.name, expires: dayOf(apiKey.expires_at) }), [apiKey]);
  const draft = useDraft<typeof initial, unknown>(
    initial,
    (value) => unwrap(api.PATCH("/api/v1/api-keys/{id}", { params: { path: { id: apiKey.id } }, body: { name: value.name, ...(value.expires !== initial.expires && { expires_at: endOf(value.expires) }) } })),
    () => {
      toast(t("changed"));
      void client.invalidateQueries({ queryKey: ["api-keys"] });
      onClose();
    },
  );
  return (
    <Dialog open onClose={onClose} title={apiKey.name} actions={<Button type="submit" form={form} variant="primary" busy={draft.saving} disabled={!draft.changed}>{t("save")}</Button>}>
      <DraftForm draft={draft} id={form}>
        <Field label={t("name")} pointer="/name" required><Input {...textAt(draft, "/name")} /></Field>
        <Field label={t("expires")} pointer="/expires_at" hint={t("expiryHint")} className="max-w-52"><Input type="date" {...textAt(draft, "/expires")} /></Field>
      </DraftForm>
    </Dialog>
  );
}
