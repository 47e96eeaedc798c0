import type { Schemas } from "@/api/client";
import { useText } from "@/i18n";
import type { Draft } from "@/resource/draft";
import { textAt } from "@/resource/fields";
import { LinesField } from "@/resource/LinesField";
import { Button } from "@/ui/button";
import { CopyButton } from "@/ui/copy";
import { Field } from "@/ui/field";
import { Checkbox, Input, Select } from "@/ui/input";
import { Section } from "@/ui/section";
import type { Spec } from "../wizard/spec";
import { startsTexts } from "./i18n";

/** What the form of a hook holds. What is left out of secrets and token stays as it is stored. */
export interface HookValue {
  name: string;
  provider: Schemas["HookProvider"];
  enabled: boolean;
  filter: Schemas["HookFilterInput"];
  status: Schemas["StatusSpecInput"] | null;
  secrets?: string[];
  token?: string | null;
  campaign: Spec;
}

type Form = Draft<HookValue>;

/** A signing secret that nobody guesses. */
export const secretOf = () => [...crypto.getRandomValues(new Uint8Array(24))].map((byte) => byte.toString(16).padStart(2, "0")).join("");

/** The signing secret: a new hook has one made for it, a stored one keeps its own until it is replaced. */
export function SecretFields({ draft, stored }: { draft: Form; stored: number }) {
  const t = useText(startsTexts);
  const { secrets } = draft.value;
  if (!secrets) {
    return (
      <div className="flex flex-wrap items-center gap-3 text-sm" data-pointer="/secrets">
        <span className="text-muted">{t("secretsStored", { n: stored })}</span>
        <Button size="sm" onClick={() => draft.set("/secrets", [secretOf()])}>{t("replaceSecret")}</Button>
      </div>
    );
  }
  return (
    <div className="grid gap-2" data-pointer="/secrets">
      <Field label={t("secret")} pointer="/secrets/0" required hint={t(stored > 0 ? "secretReplaced" : "secretHint")}>
        <Input className="font-mono text-xs" autoComplete="off" spellCheck={false} {...textAt(draft, "/secrets/0")} />
      </Field>
      {secrets.length > 1 && <Field label={t("oldSecret")} pointer="/secrets/1" hint={t("oldSecretHint")}><Input className="font-mono text-xs" autoComplete="off" spellCheck={false} {...textAt(draft, "/secrets/1", "absent")} /></Field>}
      <div className="flex flex-wrap items-center gap-1">
        <Button size="sm" onClick={() => draft.set("/secrets/0", secretOf())}>{t("makeSecret")}</Button>
        {stored > 0 && secrets.length === 1 && <Button size="sm" onClick={() => draft.set("/secrets/1", "")}>{t("keepOld")}</Button>}
        {stored > 0 && <Button size="sm" variant="ghost" onClick={() => draft.set("/secrets", undefined)}>{t("keepStored")}</Button>}
        {secrets[0] && <CopyButton text={secrets[0]} label={t("copySecret")} />}
      </div>
    </div>
  );
}

const EVENTS = ["push", "tag", "pull_request"] as const;
const ACTIONS = ["opened", "updated", "reopened", "ready", "closed", "merged"] as const;

/** Which events start a campaign. */
export function FilterFields({ draft }: { draft: Form }) {
  const t = useText(startsTexts);
  const { provider } = draft.value;
  const pulls = provider !== "generic" && (!draft.value.filter.events?.length || draft.value.filter.events.includes("pull_request"));
  return (
    <Section title={t("filter")}>
      {provider !== "generic" && <Boxes draft={draft} pointer="/filter/events" label={t("events")} hint={t("eventsHint")} choices={EVENTS} />}
      {pulls && <Boxes draft={draft} pointer="/filter/actions" label={t("actions")} hint={t("actionsHint")} choices={ACTIONS} />}
      <div className="grid gap-4 sm:grid-cols-3">
        <LinesField form={draft} pointer="/filter/branches" label={t("branches")} hint={t("patternsHint")} placeholder="main" />
        <LinesField form={draft} pointer="/filter/tags" label={t("tags")} hint={t("patternsHint")} placeholder="v*" />
        <LinesField form={draft} pointer="/filter/paths" label={t("paths")} hint={t("pathsHint")} placeholder="prompts/**" />
      </div>
      {pulls && <label className="flex items-center gap-2 text-sm"><Checkbox checked={draft.value.filter.drafts ?? false} onChange={(event) => draft.set("/filter/drafts", event.target.checked)} />{t("drafts")}</label>}
    </Section>
  );
}

function Boxes<T extends string & keyof (typeof startsTexts)["en"]>({ draft, pointer, label, hint, choices }: { draft: Form; pointer: string; label: string; hint: string; choices: readonly T[] }) {
  const t = useText(startsTexts);
  const chosen = (draft.get(pointer) ?? []) as T[];
  return (
    <fieldset className="grid gap-1" data-pointer={pointer}>
      <legend className="text-sm font-medium">{label}</legend>
      <div className="flex flex-wrap gap-x-5 gap-y-1">
        {choices.map((one) => (
          <label key={one} className="flex min-h-6 items-center gap-2 text-sm">
            <Checkbox
              checked={chosen.includes(one)}
              onChange={(event) => {
                const next = choices.filter((other) => (other === one ? event.target.checked : chosen.includes(other)));
                draft.set(pointer, next.length > 0 ? next : undefined);
              }}
            />
            {(t as (key: T) => string)(one)}
          </label>
        ))}
      </div>
      <p className="text-xs text-muted">{hint}</p>
    </fieldset>
  );
}

/** Whether and how the commit is told what became of it. */
export function StatusFields({ draft, hasToken }: { draft: Form; hasToken: boolean }) {
  const t = useText(startsTexts);
  const { status, provider } = draft.value;
  return (
    <Section title={t("status")}>
      <label className="flex items-center gap-2 text-sm" data-pointer="/status">
        <Checkbox checked={status !== null} onChange={(event) => draft.set("/status", event.target.checked ? { context: "assay", kind: "commit_status" } : null)} />{t("statusOn")}
      </label>
      {status && (
        <>
          <div className="grid gap-4 sm:grid-cols-2">
            <Field label={t("context")} pointer="/status/context" required hint={t("contextHint")}><Input spellCheck={false} {...textAt(draft, "/status/context")} /></Field>
            {provider === "github" && (
              <Field label={t("statusKind")} pointer="/status/kind">
                <Select value={status.kind} onChange={(event) => draft.set("/status/kind", event.target.value)}>
                  <option value="commit_status">{t("commit_status")}</option>
                  <option value="check_run">{t("check_run")}</option>
                </Select>
              </Field>
            )}
          </div>
          <Field label={t("statusApi")} pointer="/status/api" hint={t("statusApiHint")}>
            <Input className="font-mono text-xs" inputMode="url" spellCheck={false} placeholder={provider === "gitlab" ? "https://gitlab.example.com/api/v4" : "https://github.example.com/api/v3"} {...textAt(draft, "/status/api", "absent")} />
          </Field>
        </>
      )}
      {(status || hasToken) && (
        <div className="grid gap-2">
          <Field label={t("token")} pointer="/token" required={status !== null && !hasToken} hint={t(hasToken && draft.value.token !== null ? "tokenKept" : "tokenHint")}>
            <Input type="password" autoComplete="off" {...textAt(draft, "/token", "absent")} />
          </Field>
          {hasToken && !status && (
            <label className="flex items-center gap-2 text-sm"><Checkbox checked={draft.value.token === null} onChange={(event) => draft.set("/token", event.target.checked ? null : undefined)} />{t("tokenRemove")}</label>
          )}
        </div>
      )}
    </Section>
  );
}
