import { useText } from "@/i18n";
import { Select } from "@/ui/input";
import { Section } from "@/ui/section";
import { FIELDS } from "../fields";
import { datasetTexts } from "../i18n";
import type { Mapping, Target } from "./mapping";
import type { Table } from "./read";

/** Each column of the file with its first value, and the field that it becomes. */
export function MappingTable({ table, mapping, onChange }: { table: Table; mapping: Mapping; onChange(mapping: Mapping): void }) {
  const t = useText(datasetTexts);
  return (
    <Section title={t("mapping")}>
      <p className="-mt-2 text-sm text-muted">{t("mappingText")}</p>
      <div className="max-h-96 overflow-auto" tabIndex={0} role="region" aria-label={t("mapping")}>
        <table className="w-full min-w-[36rem] table-fixed text-sm">
          <thead>
            <tr className="label text-left">
              <th scope="col" className="w-1/4 pb-1">{t("column")}</th>
              <th scope="col" className="pb-1">{t("example")}</th>
              <th scope="col" className="w-56 pb-1">{t("becomes")}</th>
            </tr>
          </thead>
          <tbody>
            {table.columns.map((column) => (
              <tr key={column} className="border-t border-line/70">
                <th scope="row" className="truncate py-1.5 pr-3 text-left font-mono text-xs font-medium" title={column}>{column}</th>
                <td className="truncate py-1.5 pr-3 text-muted">{exampleOf(table, column)}</td>
                <td className="py-1.5">
                  <Select aria-label={`${column}: ${t("becomes")}`} value={mapping[column] ?? ""} onChange={(event) => onChange({ ...mapping, [column]: event.target.value as Target })}>
                    {FIELDS.map(({ id }) => <option key={id} value={id}>{t(id)}</option>)}
                    <option value="+metadata">{t("toMetadata")} · {column}</option>
                    <option value="">{t("ignore")}</option>
                  </Select>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Section>
  );
}

function exampleOf(table: Table, column: string): string {
  const value = table.rows.find((row) => row[column] !== undefined && row[column] !== null && row[column] !== "")?.[column];
  return value === undefined ? "–" : (typeof value === "string" ? value : JSON.stringify(value)).slice(0, 200);
}
