import { useMemo } from "react";
import { useText } from "@/i18n";
import { Section } from "@/ui/section";
import { columnsOf, textOf } from "../fields";
import { datasetTexts } from "../i18n";
import type { ItemSpec } from "../kind";

/** So many say enough. */
const SHOWN = 20;

/** The first items as they will be. */
export function Preview({ items }: { items: readonly ItemSpec[] }) {
  const t = useText(datasetTexts);
  const first = items.slice(0, SHOWN);
  const columns = useMemo(() => columnsOf(items.slice(0, 500)).filter((id) => first.some((item) => textOf(id, item[id]) !== "")), [items]);
  return (
    <Section title={t("preview")}>
      <p className="-mt-2 text-sm text-muted">{t("previewText")}</p>
      <div className="max-h-80 overflow-auto rounded-md border border-line" tabIndex={0} role="region" aria-label={t("preview")}>
        <table className="min-w-full text-sm">
          <thead>
            <tr>{columns.map((id) => <th key={id} scope="col" className="label sticky top-0 bg-surface px-2 py-1 text-left">{t(id)}</th>)}</tr>
          </thead>
          <tbody>
            {first.map((item, index) => (
              <tr key={index} className="border-t border-line/70">
                {columns.map((id) => <td key={id} className="max-w-72 truncate px-2 py-1">{textOf(id, item[id]).replaceAll("\n", " ⏎ ")}</td>)}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Section>
  );
}
