import { useText } from "@/i18n";
import { Badge } from "@/ui/badge";
import { JsonView } from "@/ui/json-view";
import { runTexts } from "./i18n";

const TONES = { add: "good", remove: "bad", replace: "warn" } as const;

/** A JSON patch, change by change. */
export function Patch({ patch }: { patch: readonly Record<string, unknown>[] }) {
  const t = useText(runTexts);
  if (patch.length === 0) return <p className="text-sm text-muted">{t("noChanges")}</p>;
  return (
    <ul className="card divide-y divide-line">
      {patch.map((change, index) => {
        const op = change.op as keyof typeof TONES;
        const value = change.value;
        const short = value === null || typeof value !== "object";
        return (
          <li key={index} className="grid gap-1.5 px-3 py-2 text-sm">
            <span className="flex min-w-0 flex-wrap items-baseline gap-2">
              <Badge tone={TONES[op] ?? "neutral"}>{op in TONES ? t(op) : String(change.op)}</Badge>
              <span className="font-mono text-xs break-all">{String(change.path)}</span>
              {short && op !== "remove" && <span className="min-w-0 font-mono text-xs wrap-anywhere whitespace-pre-wrap text-copper">{JSON.stringify(value)}</span>}
            </span>
            {!short && op !== "remove" && <JsonView value={value} search={false} />}
          </li>
        );
      })}
    </ul>
  );
}
