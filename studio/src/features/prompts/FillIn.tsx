import { useState } from "react";
import { useText } from "@/i18n";
import { cx } from "@/lib/cx";
import { Badge } from "@/ui/badge";
import { CopyButton } from "@/ui/copy";
import { Field } from "@/ui/field";
import { Textarea } from "@/ui/input";
import { Section } from "@/ui/section";
import { promptTexts } from "./i18n";
import { asText, type Content, filledIn, isPlaceholder, LATEST, pieces, variablesOf } from "./kind";

/** The prompt as it is sent, with values for its variables. */
export function FillIn({ name, content, labels }: { name: string; content: Content; labels: readonly string[] }) {
  const t = useText(promptTexts);
  const [values, setValues] = useState<Record<string, string>>({});
  const variables = variablesOf(content);
  const missing = variables.filter((name) => !values[name]).length;
  return (
    <div className="grid items-start gap-4 lg:grid-cols-[20rem_minmax(0,1fr)]">
      <div className="grid gap-4">
        <Section title={t("variables")}>
          {variables.length === 0 && <p className="text-sm text-muted">{t("noVariables")}</p>}
          {variables.map((name) => (
            <Field key={name} label={<span className="font-mono text-xs">{name}</span>}>
              <Textarea rows={1} className="min-h-9" value={values[name] ?? ""} onChange={(event) => setValues({ ...values, [name]: event.target.value })} />
            </Field>
          ))}
        </Section>
        <InCode name={name} label={labels[0] ?? LATEST} />
      </div>
      <Section title={t("filled")} actions={<span className="flex items-center gap-2">{missing > 0 && <Badge tone="warn">{t("missing", { n: missing })}</Badge>}<CopyButton label={t("copy")} text={asText(filledIn(content, values))} /></span>}>
        {typeof content === "string"
          ? <Filled text={content} values={values} />
          : content.map((entry, index) => (isPlaceholder(entry)
            ? <p key={index} className="rounded-md border border-dashed border-line px-3 py-2 text-sm text-muted">{t("messagesHere", { name: entry.name })}</p>
            : (
              <div key={index} className="grid gap-1">
                <p className="label">{entry.role}</p>
                <Filled text={entry.content} values={values} />
              </div>
            )))}
      </Section>
    </div>
  );
}

/** How an application gets the prompt. */
function InCode({ name, label }: { name: string; label: string }) {
  const t = useText(promptTexts);
  const call = `curl -u "$PUBLIC_KEY:$SECRET_KEY" \\\n  '${location.origin}/api/public/v2/prompts/${encodeURIComponent(name)}?label=${encodeURIComponent(label)}'`;
  return (
    <Section title={t("inCode")} actions={<CopyButton text={call} />}>
      <pre className="font-mono text-xs leading-5 break-all whitespace-pre-wrap">{call}</pre>
      <p className="text-xs text-muted">{t("inCodeText", { label })}</p>
    </Section>
  );
}

const Filled = ({ text, values }: { text: string; values: Readonly<Record<string, string>> }) => (
  <p className="rounded-md bg-sunken px-3 py-2 text-sm wrap-anywhere whitespace-pre-wrap">
    {pieces(text, values).map((piece, index) => (piece.variable
      ? <span key={index} title={piece.variable} className={cx("rounded-sm px-0.5", piece.missing ? "bg-warn-soft text-warn" : "bg-accent-soft text-accent-strong")}>{piece.text}</span>
      : <span key={index}>{piece.text}</span>))}
  </p>
);
