import { useMutation } from "@tanstack/react-query";
import { useNavigate, useParams } from "@tanstack/react-router";
import { useMemo } from "react";
import { Download, Trash2 } from "lucide-react";
import { open } from "@/api/client";
import { useMay } from "@/api/me";
import { useText } from "@/i18n";
import { ago, bytes, exactTime } from "@/lib/format";
import { useRemove, useResource } from "@/resource/data";
import { textAt } from "@/resource/fields";
import { useResourceForm } from "@/resource/form";
import { resourceTexts } from "@/resource/i18n";
import { specOf } from "@/resource/kind";
import { ResourceFormFrame } from "@/resource/ResourceFormFrame";
import { Button } from "@/ui/button";
import { CopyButton } from "@/ui/copy";
import { Field } from "@/ui/field";
import { Input, Textarea } from "@/ui/input";
import { Page } from "@/ui/page";
import { Section } from "@/ui/section";
import { Loaded, messageOf } from "@/ui/states";
import { toast, toastError } from "@/ui/toast";
import { About } from "./About";
import { programTexts } from "./i18n";
import { type Program, programKind, type ProgramSpec } from "./kind";

/** One program: what it is called; its bytes never change. */
export default function ProgramPage() {
  const { id } = useParams({ strict: false }) as { id: string };
  const program = useResource(programKind, id);
  return <Loaded query={program}>{({ data, etag }) => <Detail key={data.id} program={data} etag={etag} />}</Loaded>;
}

function Detail({ program, etag }: { program: Program; etag: string | null }) {
  const t = useText(programTexts);
  const words = useText(resourceTexts);
  const navigate = useNavigate();
  const mayWrite = useMay(programKind.write);
  const remove = useRemove(programKind);
  const initial = useMemo(() => specOf<Program, ProgramSpec>(programKind, program), [program]);
  const form = useResourceForm<Program, ProgramSpec>(programKind, initial, { id: program.id, etag });
  const download = useMutation({
    mutationFn: async () => {
      const response = await open(`/api/v1/programs/${encodeURIComponent(program.id)}/wasm`, { accept: "application/wasm" });
      const address = URL.createObjectURL(await response.blob());
      const link = document.createElement("a");
      link.href = address;
      link.download = `${program.name.replace(/[^\p{L}\p{N}_-]+/gu, "-")}.wasm`;
      link.click();
      URL.revokeObjectURL(address);
    },
    onError: (error) => toastError(messageOf(error, words("failed"))),
  });
  return (
    <Page
      title={program.name}
      back={{ to: "/programs", label: t("all") }}
      actions={<>
        <Button busy={download.isPending} onClick={() => download.mutate()}><Download aria-hidden />{t("download")}</Button>
        {mayWrite && <Button variant="danger" busy={remove.isPending} onClick={() => remove.mutate([program.id], { onSuccess: () => void navigate({ to: "/programs" }) })}><Trash2 aria-hidden />{t("delete")}</Button>}
      </>}
    >
      <div className="grid items-start gap-6 lg:grid-cols-[minmax(0,1fr)_24rem]">
        <div className="grid gap-4">
          <Section title={t("file")}>
            <dl className="grid grid-cols-[auto_minmax(0,1fr)] items-center gap-x-6 gap-y-2 text-sm">
              <dt className="text-muted">{t("size")}</dt><dd className="tabular-nums">{bytes(program.size)}</dd>
              <dt className="text-muted">{t("hash")}</dt><dd className="flex items-center gap-1 font-mono text-xs break-all">{program.sha256}<CopyButton text={program.sha256} /></dd>
              <dt className="text-muted">{t("made")}</dt><dd title={exactTime(program.created_at)}>{ago(program.created_at)}</dd>
            </dl>
          </Section>
          <ResourceFormFrame kind={programKind} form={form} isNew={false} mayWrite={mayWrite} onSaved={(saved) => toast(words("saved", { n: saved.version }))}>
            <Section title={t("settings")}>
              <Field label={t("name")} pointer="/name" required><Input {...textAt(form, "/name")} /></Field>
              <Field label={t("description")} pointer="/description"><Textarea rows={2} {...textAt(form, "/description")} /></Field>
            </Section>
          </ResourceFormFrame>
        </div>
        <About />
      </div>
    </Page>
  );
}
