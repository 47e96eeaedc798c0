import { useNavigate } from "@tanstack/react-router";
import { useRef, useState } from "react";
import { FileUp } from "lucide-react";
import type { Schemas, Written } from "@/api/client";
import { useMay } from "@/api/me";
import { useBoth, useText } from "@/i18n";
import { cx } from "@/lib/cx";
import { bytes } from "@/lib/format";
import { textAt } from "@/resource/fields";
import { useResourceForm } from "@/resource/form";
import { ResourceFormFrame } from "@/resource/ResourceFormFrame";
import { Button } from "@/ui/button";
import { Field, useFieldError } from "@/ui/field";
import { Input, Textarea } from "@/ui/input";
import { Page } from "@/ui/page";
import { Section } from "@/ui/section";
import { NoPermission } from "@/ui/states";
import { toast } from "@/ui/toast";
import { About } from "./About";
import { programTexts } from "./i18n";
import { base64, flawOf, type Program, programKind } from "./kind";

type NewProgram = Written<Schemas["NewProgram"], "name" | "wasm">;
const EMPTY: NewProgram = { name: "", wasm: "" };

/** Uploads a program. */
export default function NewProgramPage() {
  const t = useText(programTexts);
  const both = useBoth();
  const navigate = useNavigate();
  const form = useResourceForm<Program, NewProgram>(programKind, EMPTY);
  const [file, setFile] = useState<{ name: string; size: number } | null>(null);
  const [flaw, setFlaw] = useState<"notWasm" | "tooLarge" | null>(null);
  if (!useMay(programKind.write)) return <NoPermission />;
  const take = async (chosen: File | undefined) => {
    if (!chosen) return;
    const read = new Uint8Array(await chosen.arrayBuffer());
    const wrong = flawOf(read);
    setFlaw(wrong);
    setFile({ name: chosen.name, size: read.length });
    form.replace({ ...form.value, name: form.value.name || wrong ? form.value.name : chosen.name.replace(/\.wasm$/i, ""), wasm: wrong ? "" : base64(read) });
  };
  return (
    <Page title={both(programKind.create)} back={{ to: "/programs", label: t("all") }}>
      <div className="grid items-start gap-6 lg:grid-cols-[minmax(0,1fr)_24rem]">
        <ResourceFormFrame
          kind={programKind}
          form={form}
          isNew
          mayWrite
          onSaved={(program) => {
            toast(t("created", { name: program.name }));
            void navigate({ to: `/programs/${program.id}` });
          }}
        >
          <Section title={t("file")}>
            <Drop file={file} flaw={flaw ? t(flaw) : null} onFile={(chosen) => void take(chosen)} />
            <Field label={t("name")} pointer="/name" required><Input {...textAt(form, "/name")} /></Field>
            <Field label={t("description")} pointer="/description"><Textarea rows={2} {...textAt(form, "/description", "absent")} /></Field>
          </Section>
        </ResourceFormFrame>
        <About />
      </div>
    </Page>
  );
}

/** Takes a file by choice or by dropping it. What the server says of the bytes stands here. */
function Drop({ file, flaw, onFile }: { file: { name: string; size: number } | null; flaw: string | null; onFile(file: File | undefined): void }) {
  const t = useText(programTexts);
  const input = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  const error = useFieldError("/wasm");
  const wrong = flaw ?? error;
  return (
    <div data-pointer="/wasm">
      <div
        onDragOver={(event) => { event.preventDefault(); setOver(true); }}
        onDragLeave={() => setOver(false)}
        onDrop={(event) => { event.preventDefault(); setOver(false); onFile(event.dataTransfer.files[0]); }}
        className={cx("grid justify-items-center gap-2 rounded-lg border border-dashed px-4 py-8 text-center text-sm", over ? "border-accent bg-accent-soft" : wrong ? "border-bad" : "border-edge")}
      >
        <FileUp aria-hidden className="size-6 text-muted" />
        <p className={file ? "font-medium" : "text-muted"}>{file ? t("chosen", { name: file.name, size: bytes(file.size) }) : t("drop")}</p>
        <input ref={input} type="file" accept=".wasm,application/wasm" className="sr-only" tabIndex={-1} aria-label={t("file")} onChange={(event) => onFile(event.target.files?.[0])} />
        <Button aria-invalid={wrong ? true : undefined} onClick={() => input.current?.click()}>{file ? t("another") : t("choose")}</Button>
      </div>
      {wrong && <p role="alert" className="mt-1 text-xs font-medium text-bad">{wrong}</p>}
    </div>
  );
}
