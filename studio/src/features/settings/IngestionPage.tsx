import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useMemo } from "react";
import { api, type Schemas, unwrap } from "@/api/client";
import { useMay } from "@/api/me";
import { useText } from "@/i18n";
import { ago } from "@/lib/format";
import { DraftButtons, DraftForm, percentAt, useDraft } from "@/resource/draft";
import { numberAt } from "@/resource/fields";
import { Field } from "@/ui/field";
import { Input } from "@/ui/input";
import { Page } from "@/ui/page";
import { Section } from "@/ui/section";
import { Loaded } from "@/ui/states";
import { toast } from "@/ui/toast";
import { dataTexts } from "./i18n-data";
import { type PolicyForm, RedactionRules } from "./RedactionRules";

type Shown = Schemas["IngestPolicyShown"];

/** What is let in, what is taken out of it, and for how long it is kept. */
export default function IngestionPage() {
  const t = useText(dataTexts);
  const policy = useQuery({ queryKey: ["ingest-policy"], queryFn: ({ signal }) => unwrap(api.GET("/api/v1/ingest/policy", { signal })) });
  return (
    <Page title={t("ingestion")} wide={false} description={t("ingestionText")}>
      <Loaded query={policy}>{(data) => <Form policy={data} />}</Loaded>
    </Page>
  );
}

function Form({ policy }: { policy: Shown }) {
  const t = useText(dataTexts);
  const client = useQueryClient();
  const may = useMay("workspace_manage");
  const initial = useMemo<PolicyForm>(() => ({ retention_days: policy.retention_days, sampling_rate: policy.sampling_rate, redaction: { rules: policy.redaction.rules } }), [policy]);
  const draft = useDraft<PolicyForm, Shown>(
    initial,
    (value) => unwrap(api.PUT("/api/v1/ingest/policy", { body: { ...value, retention_days: value.retention_days ?? null, sampling_rate: value.sampling_rate ?? 1 } as Schemas["IngestPolicy"] })),
    (saved) => {
      client.setQueryData(["ingest-policy"], saved);
      toast(t("saved"));
    },
    true,
  );
  return (
    <DraftForm draft={draft} disabled={!may} buttons={may && <DraftButtons draft={draft} sticky />}>
      <Section title={t("keep")} actions={policy.updated_at && <span className="text-xs text-muted">{t("updated", { time: ago(policy.updated_at) })}</span>}>
        <div className="grid gap-4 sm:grid-cols-2">
          <Field label={t("retention")} pointer="/retention_days" hint={t("retentionHint")}><Input min={1} max={36500} step={1} placeholder={t("forever")} {...numberAt(draft, "/retention_days")} /></Field>
          <Field label={t("sampling")} pointer="/sampling_rate" hint={t("samplingHint")}><Input min={0} max={100} step="any" placeholder="100" {...percentAt(draft, "/sampling_rate")} /></Field>
        </div>
      </Section>
      <Section title={t("redaction")}>
        <p className="text-sm text-muted">{t("redactionText")}</p>
        <RedactionRules draft={draft} may={may} />
      </Section>
    </DraftForm>
  );
}
