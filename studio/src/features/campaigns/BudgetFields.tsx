import type { Schemas } from "@/api/client";
import { useText } from "@/i18n";
import { Field } from "@/ui/field";
import { Input } from "@/ui/input";
import { detailTexts } from "./detail/i18n";

type Budget = Schemas["Budget"];
const FIELDS = [["cost_usd", "costUsd", 1], ["tokens", "tokens", 1], ["judge_calls", "judgeCalls", 1], ["wall_ms", "wall", 60_000]] as const;

/** The bounds of a campaign; an empty field is no bound. */
export function BudgetFields({ value, onChange }: { value: Budget; onChange(value: Budget): void }) {
  const t = useText(detailTexts);
  return (
    <div className="grid grid-cols-2 gap-4 lg:grid-cols-4">
      {FIELDS.map(([name, label, scale]) => (
        <Field key={name} label={t(label)} pointer={`/budget/${name}`}>
          <Input
            type="number" min={0} step="any" inputMode="decimal"
            value={value[name] == null ? "" : value[name] / scale}
            onChange={(event) => onChange({ ...value, [name]: event.target.value === "" ? null : Number(event.target.value) * scale })}
          />
        </Field>
      ))}
    </div>
  );
}
