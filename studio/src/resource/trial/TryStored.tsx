import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { Send } from "lucide-react";
import { api, unwrap } from "@/api/client";
import { ApiError } from "@/api/error";
import { useText } from "@/i18n";
import { Button } from "@/ui/button";
import { Field, FieldErrors } from "@/ui/field";
import { Textarea } from "@/ui/input";
import { ErrorState } from "@/ui/states";
import { trialTexts } from "./i18n";
import { TrialResult } from "./TrialResult";

/** One real call of a stored agent or model. `about` says what kind of call. */
export function TryStored({ of, id, about }: { of: "agents" | "models"; id: string; about: string }) {
  const t = useText(trialTexts);
  const [typed, setTyped] = useState<string | null>(null);
  const message = typed ?? t("firstMessage");
  const trial = useMutation({ mutationFn: () => unwrap(api.POST(`/api/v1/${of}/{id}/test`, { params: { path: { id } }, body: { message } })) });
  const fields = trial.error instanceof ApiError ? trial.error.fields : new Map<string, string>();
  return (
    <div className="grid max-w-3xl gap-4">
      <FieldErrors value={fields}>
        <form className="card grid gap-3 p-4" onSubmit={(event) => { event.preventDefault(); trial.mutate(); }}>
          <Field label={t("message")} pointer="/message" hint={about}>
            <Textarea
              rows={3} value={message}
              onChange={(event) => setTyped(event.target.value)}
              onKeyDown={(event) => { if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !trial.isPending) trial.mutate(); }}
            />
          </Field>
          <div><Button type="submit" variant="primary" busy={trial.isPending}><Send aria-hidden />{t("send")}</Button></div>
        </form>
      </FieldErrors>
      <div aria-live="polite">
        {trial.isPending && <p className="card animate-pulse p-4 text-sm text-muted">{t("trying")}</p>}
        {trial.error && fields.size === 0 && <ErrorState error={trial.error} onRetry={() => trial.mutate()} />}
        {trial.data && <TrialResult result={trial.data} />}
      </div>
    </div>
  );
}
