import { useNavigate, useSearch } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { queryClient } from "@/app/query-client";
import { meQuery } from "@/api/me";
import { keyPair, workspace } from "@/api/session";
import { useText } from "@/i18n";
import { Button } from "@/ui/button";
import { Field } from "@/ui/field";
import { Input } from "@/ui/input";
import { messageOf } from "@/ui/states";
import { Frame } from "./Frame";
import { accountTexts } from "./i18n";
import { Providers, useProviders } from "./Providers";

/** Only a path of this site is gone back to. */
const safe = (next: string | undefined) => (next && /^\/(?![/\\])/.test(next) && !next.startsWith("/sign-in") ? next : "/");

/** Signing in: with an identity provider, or by a key pair. */
export default function SignInPage() {
  const t = useText(accountTexts);
  const navigate = useNavigate();
  const { next } = useSearch({ strict: false }) as { next?: string };
  const [keys, setKeys] = useState({ publicKey: "", secretKey: "" });
  const [error, setError] = useState("");
  const [busy, setBusy] = useState(false);
  const providers = useProviders();

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setError("");
    workspace.clear();
    keyPair.set(keys.publicKey.trim(), keys.secretKey.trim());
    try {
      const me = await queryClient.fetchQuery({ ...meQuery, staleTime: 0 });
      if (me) return await navigate({ to: safe(next), replace: true });
      setError(t("refused"));
    } catch (failure) {
      setError(messageOf(failure, t("refused")));
    }
    keyPair.clear();
    setBusy(false);
  };

  return (
    <Frame title={t("signIn")}>
      <p className="-mt-3 text-sm text-muted">{t("tagline")}</p>
      {providers.length > 0 && <>
        <Providers returnTo={safe(next)} />
        <p className="flex items-center gap-3 text-xs text-muted before:h-px before:flex-1 before:bg-line after:h-px after:flex-1 after:bg-line">{t("or")}</p>
      </>}
      <form onSubmit={(event) => void submit(event)} className="grid gap-3">
        <p className="text-sm text-muted">{t("keysHint")}</p>
        <Field label={t("publicKey")} required>
          <Input name="public-key" required autoComplete="off" spellCheck={false} placeholder="pk-…" value={keys.publicKey} onChange={(event) => setKeys({ ...keys, publicKey: event.target.value })} />
        </Field>
        <Field label={t("secretKey")} required>
          <Input name="secret-key" type="password" required autoComplete="off" placeholder="sk-…" value={keys.secretKey} onChange={(event) => setKeys({ ...keys, secretKey: event.target.value })} />
        </Field>
        {error && <p role="alert" className="rounded-md bg-bad-soft px-3 py-2 text-sm text-bad">{error}</p>}
        <Button type="submit" variant={providers.length > 0 ? "secondary" : "primary"} busy={busy} className="h-9">{t("signIn")}</Button>
      </form>
      <details className="text-sm">
        <summary className="text-muted">{t("firstStart")}</summary>
        <p className="mt-1 text-muted">{t("firstStartText")}</p>
      </details>
    </Frame>
  );
}
