import type { ReactNode } from "react";
import { TriangleAlert } from "lucide-react";
import { useText } from "@/i18n";
import { Button } from "@/ui/button";
import { CopyButton } from "@/ui/copy";
import { Dialog } from "@/ui/dialog";
import { keyTexts } from "./i18n-keys";

/** What is told once and never again, to be copied. It closes by its button alone, not by a slip of the mouse. */
export function ShownOnce({ title, values, note, onClose }: { title: string; values: readonly (readonly [name: string, value: string])[]; note?: ReactNode; onClose(): void }) {
  const t = useText(keyTexts);
  return (
    <Dialog open onClose={() => {}} title={title} className="[&_header_button]:hidden" actions={<Button variant="primary" onClick={onClose}>{t("haveIt")}</Button>}>
      <div className="grid gap-3">
        <p className="flex items-start gap-2 rounded-md bg-warn-soft px-3 py-2 text-sm text-warn"><TriangleAlert aria-hidden className="mt-0.5 size-4 shrink-0" />{t("onceText")}</p>
        <dl className="grid gap-2">
          {values.map(([name, value]) => (
            <div key={name}>
              <dt className="label">{name}</dt>
              <dd className="flex items-center gap-1 rounded-md bg-sunken py-0.5 pl-3"><code className="min-w-0 flex-1 py-1 font-mono text-xs break-all whitespace-pre-wrap">{value}</code><CopyButton text={value} label={`${t("copy")}: ${name}`} /></dd>
            </div>
          ))}
        </dl>
        {note}
      </div>
    </Dialog>
  );
}
