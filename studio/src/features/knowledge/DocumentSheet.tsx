import { type ReactNode, useMemo } from "react";
import { useText } from "@/i18n";
import { useResource } from "@/resource/data";
import { JsonField, numberAt, textAt } from "@/resource/fields";
import { useResourceForm } from "@/resource/form";
import { specOf, type ResourceKind } from "@/resource/kind";
import { ResourceFormFrame } from "@/resource/ResourceFormFrame";
import { Sheet } from "@/ui/dialog";
import { Field } from "@/ui/field";
import { Input, Select, Textarea } from "@/ui/input";
import { Loaded } from "@/ui/states";
import { knowledgeTexts } from "./i18n";
import type { Document, DocumentSpec } from "./kind";

const NEW: DocumentSpec = { name: "", media_type: "text/markdown" };

interface Props {
  kind: ResourceKind<Document>;
  mayWrite: boolean;
  onSaved(): void;
}

/** What is known of a document, to look at and to change; `id` null for a new one. */
export function DocumentSheet({ id, onClose, ...props }: Props & { id: string | null; onClose(): void }) {
  return id === null ? <Adding {...props} onClose={onClose} /> : <Existing {...props} id={id} onClose={onClose} />;
}

function Adding({ onClose, ...props }: Props & { onClose(): void }) {
  const t = useText(knowledgeTexts);
  return <Frame title={t("addOne")} onClose={onClose}><Form {...props} initial={NEW} /></Frame>;
}

function Existing({ id, onClose, ...props }: Props & { id: string; onClose(): void }) {
  const t = useText(knowledgeTexts);
  const document = useResource(props.kind, id);
  return (
    <Frame title={document.data?.data.name ?? t("documents")} onClose={onClose}>
      <Loaded query={document}>{({ data, etag }) => <Known {...props} document={data} etag={etag} />}</Loaded>
    </Frame>
  );
}

/** The bar of buttons has the colour of the page; here the page is the sheet. */
const Frame = ({ title, onClose, children }: { title: string; onClose(): void; children: ReactNode }) => (
  <Sheet open onClose={onClose} title={title}><div className="[--canvas:var(--surface)]">{children}</div></Sheet>
);

function Known({ document, etag, ...props }: Props & { document: Document; etag: string | null }) {
  const initial = useMemo(() => specOf<Document, DocumentSpec>(props.kind, document), [props.kind, document]);
  return <Form {...props} initial={initial} edited={{ id: document.id, etag }} />;
}

function Form({ kind, initial, edited, mayWrite, onSaved }: Props & { initial: DocumentSpec; edited?: { id: string; etag: string | null } }) {
  const t = useText(knowledgeTexts);
  const form = useResourceForm<Document, DocumentSpec>(kind, initial, edited);
  return (
    <ResourceFormFrame kind={kind} form={form} isNew={!edited} mayWrite={mayWrite} onSaved={onSaved}>
      <Field label={t("name")} pointer="/name" required hint={t("docNameHint")}><Input {...textAt(form, "/name")} /></Field>
      <div className="grid gap-4 sm:grid-cols-2">
        <Field label={t("type")} pointer="/media_type" required><Input className="font-mono text-xs" spellCheck={false} {...textAt(form, "/media_type")} /></Field>
        <Field label={t("status")} pointer="/status">
          <Select value={form.value.status ?? "pending"} onChange={(event) => form.set("/status", event.target.value)}>
            {(["pending", "ready", "failed"] as const).map((status) => <option key={status} value={status}>{t(status)}</option>)}
          </Select>
        </Field>
      </div>
      <Field label={t("source")} pointer="/source_url" hint={t("sourceHint")}><Input inputMode="url" spellCheck={false} {...textAt(form, "/source_url", "null")} /></Field>
      <Field label={t("description")} pointer="/description"><Textarea rows={2} {...textAt(form, "/description")} /></Field>
      <div className="grid gap-4 sm:grid-cols-2">
        <Field label={t("bytes")} pointer="/size"><Input min={0} placeholder="0" {...numberAt(form, "/size")} /></Field>
        <Field label={t("tags")} pointer="/tags" hint={t("tagsHint")}>
          <Input defaultValue={form.value.tags?.join(", ") ?? ""} onChange={(event) => form.set("/tags", event.target.value.split(",").map((tag) => tag.trim()).filter(Boolean))} />
        </Field>
      </div>
      <Field label={t("checksum")} pointer="/sha256" hint={t("checksumHint")}><Input className="font-mono text-xs" spellCheck={false} {...textAt(form, "/sha256", "null")} /></Field>
      <JsonField form={form} pointer="/metadata" label={t("metadata")} hint={t("metadataHint")} />
    </ResourceFormFrame>
  );
}
