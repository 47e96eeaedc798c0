import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useId, useMemo, useState } from "react";
import { Check, Minus, Pencil, Trash2 } from "lucide-react";
import { api, type Permission, unwrap } from "@/api/client";
import { useMay, useMe } from "@/api/me";
import { useBoth, useText } from "@/i18n";
import { useUrlState } from "@/lib/url-state";
import { DraftForm, useDraft } from "@/resource/draft";
import { textAt } from "@/resource/fields";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { Confirm, Sheet } from "@/ui/dialog";
import { Field } from "@/ui/field";
import { Checkbox, Input, Textarea } from "@/ui/input";
import { Loaded, messageOf } from "@/ui/states";
import { toast, toastError } from "@/ui/toast";
import { Wide } from "@/ui/wide";
import { settingsTexts } from "./i18n";
import { PERMISSIONS, type Role, roleId, useRoles } from "./roles";

const ALL = Object.keys(PERMISSIONS) as Permission[];

/** Every role beside every permission. */
export function Roles() {
  const t = useText(settingsTexts);
  const both = useBoth();
  const client = useQueryClient();
  const mayManage = useMay("roles_manage");
  const { query, nameOf } = useRoles();
  const [state, set] = useUrlState({ new: "" });
  const [edited, setEdited] = useState<Role | null>(null);
  const [gone, setGone] = useState<Role | null>(null);
  const remove = useMutation({
    mutationFn: (role: Role) => api.DELETE("/api/v1/roles/{id}", { params: { path: { id: roleId(role) } } }),
    onSuccess: (_, role) => {
      toast(t("deleted", { name: role.name }));
      setGone(null);
      return client.invalidateQueries({ queryKey: ["roles"] });
    },
    onError: (error) => toastError(messageOf(error, t("failed"))),
  });
  return (
    <>
      <Loaded query={query}>{({ data }) => (
        <div className="card overflow-hidden">
          <Wide label={t("roles")}>
            <table className="w-full min-w-[44rem] text-sm">
              <caption className="sr-only">{t("roles")}</caption>
              <thead>
                <tr className="border-b border-line align-bottom">
                  <th scope="col" className="label px-4 py-2 text-left">{t("permission")}</th>
                  {data.map((role) => (
                    <th key={role.role} scope="col" className="w-28 px-2 py-2 text-center font-medium" title={role.description}>
                      {nameOf(role.role)}
                      {!role.built_in && (
                        <span className="mt-1 flex justify-center gap-0.5">
                          <Badge tone="accent">{t("own")}</Badge>
                          {mayManage && <>
                            <Button variant="ghost" size="icon-sm" className="size-6" aria-label={`${t("edit")} ${role.name}`} onClick={() => setEdited(role)}><Pencil aria-hidden /></Button>
                            <Button variant="ghost" size="icon-sm" className="size-6" aria-label={`${t("delete")} ${role.name}`} onClick={() => setGone(role)}><Trash2 aria-hidden /></Button>
                          </>}
                        </span>
                      )}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {ALL.map((permission) => (
                  <tr key={permission} className="border-b border-line/70 last:border-0 hover:bg-sunken/60">
                    <th scope="row" className="px-4 py-1.5 text-left font-normal">{both(PERMISSIONS[permission])}<span className="ml-2 font-mono text-2xs text-muted">{permission}</span></th>
                    {data.map((role) => (
                      <td key={role.role} className="px-2 py-1.5 text-center">
                        {role.permissions.includes(permission) ? <Check className="inline size-4 text-good" aria-label={t("has")} /> : <Minus className="inline size-4 text-edge/50" aria-label={t("hasNot")} />}
                      </td>
                    ))}
                  </tr>
                ))}
              </tbody>
            </table>
          </Wide>
        </div>
      )}</Loaded>
      {(edited || (state.new && mayManage)) && <RoleSheet key={edited?.role} role={edited} onClose={() => { setEdited(null); set({ new: "" }); }} />}
      {gone && <Confirm open onClose={() => setGone(null)} danger title={t("deleteRole", { name: gone.name })} description={t("deleteRoleText")} confirm={t("delete")} busy={remove.isPending} onConfirm={() => remove.mutate(gone)} />}
    </>
  );
}

function RoleSheet({ role, onClose }: { role: Role | null; onClose(): void }) {
  const t = useText(settingsTexts);
  const both = useBoth();
  const client = useQueryClient();
  const me = useMe();
  const form = useId();
  const initial = useMemo(() => ({ name: role?.name ?? "", description: role?.description ?? "", permissions: role?.permissions ?? [] as Permission[] }), [role]);
  const draft = useDraft<typeof initial, unknown>(
    initial,
    (body) => (role ? unwrap(api.PATCH("/api/v1/roles/{id}", { params: { path: { id: roleId(role) } }, body })) : unwrap(api.POST("/api/v1/roles", { body }))),
    () => {
      toast(t("saved"));
      void client.invalidateQueries({ queryKey: ["roles"] });
      onClose();
    },
  );
  const chosen = draft.value.permissions;
  return (
    <Sheet open onClose={onClose} title={role?.name ?? t("newRole")} actions={<Button type="submit" form={form} variant="primary" busy={draft.saving} disabled={role !== null && !draft.changed}>{role ? t("save") : t("create")}</Button>}>
      <DraftForm draft={draft} id={form}>
        <Field label={t("name")} pointer="/name" required><Input autoFocus {...textAt(draft, "/name")} /></Field>
        <Field label={t("description")} pointer="/description"><Textarea rows={2} {...textAt(draft, "/description")} /></Field>
        <fieldset className="grid gap-1.5" data-pointer="/permissions">
          <legend className="mb-1 text-sm font-medium">{t("permissions")}</legend>
          {ALL.map((permission) => (
            <label key={permission} className="flex items-center gap-2 text-sm">
              <Checkbox
                // Nobody makes a role that may more than they may.
                disabled={!me.permissions.includes(permission)}
                checked={chosen.includes(permission)}
                onChange={(event) => draft.set("/permissions", event.target.checked ? [...chosen, permission] : chosen.filter((one) => one !== permission))}
              />
              {both(PERMISSIONS[permission])}
            </label>
          ))}
        </fieldset>
      </DraftForm>
    </Sheet>
  );
}
