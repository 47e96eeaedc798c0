import { type ReactNode, useDeferredValue, useEffect, useState } from "react";
import { ChevronRight } from "lucide-react";
import { useText } from "@/i18n";
import { cx } from "@/lib/cx";
import { compact } from "@/lib/format";
import type { Span } from "@/lib/time-range";
import { Button } from "@/ui/button";
import { Checkbox, Input } from "@/ui/input";
import { type Bound, choice, chosen, type Facet, type Filters } from "./conditions";
import { useFacet } from "./facet-values";
import { traceTexts } from "./i18n";

const FEW = 7;
const MANY = 60;

/** Names of the filters of the list, in the words of the page. */
export const FACET_LABELS = {
  environment: "environment", name: "name", tag: "tags", model: "model", user_id: "user", session_id: "session", release: "release", version: "version", prompt_name: "prompt",
} as const satisfies Record<Facet, string>;

interface FacetsProps {
  filters: Filters;
  span: Span;
  onChange(changes: Partial<Filters>): void;
}

/** Filters with the values that there are, and how many traces have each. */
export function Facets(props: FacetsProps) {
  const t = useText(traceTexts);
  const { filters, onChange } = props;
  return (
    <div className="grid content-start">
      <Fold title={t("status")} active={filters.status !== ""} open>
        {(["error", "ok"] as const).map((one) => (
          <Tick key={one} label={t(one)} checked={filters.status === one} onChange={(on) => onChange({ status: on ? one : "" })} />
        ))}
      </Fold>
      {(["environment", "name", "tag", "model"] as const).map((facet) => <FacetFold key={facet} facet={facet} {...props} open />)}
      {(["user_id", "session_id", "prompt_name", "release", "version"] as const).map((facet) => <FacetFold key={facet} facet={facet} {...props} />)}
      <BoundFold bound="latency" title={t("latency")} unit={t("seconds")} {...props} />
      <BoundFold bound="cost" title={t("cost")} unit={t("dollars")} {...props} />
      <BoundFold bound="tokens" title={t("tokens")} unit={t("count")} {...props} />
      <Fold title={t("public")} active={filters.public !== ""}>
        <Tick label={t("isPublic")} checked={filters.public === "true"} onChange={(on) => onChange({ public: on ? "true" : "" })} />
        <Tick label={t("notPublic")} checked={filters.public === "false"} onChange={(on) => onChange({ public: on ? "false" : "" })} />
      </Fold>
    </div>
  );
}

function Fold({ title, active, open = false, onToggle, children }: { title: string; active: boolean; open?: boolean; onToggle?(open: boolean): void; children: ReactNode }) {
  const [isOpen, setOpen] = useState(open || active);
  return (
    <section className="border-b border-line py-1.5 last:border-0">
      <h3>
        <button
          type="button" aria-expanded={isOpen} className="flex w-full items-center gap-1 rounded-sm py-1 text-left text-sm font-medium hover:text-accent"
          onClick={() => { setOpen(!isOpen); onToggle?.(!isOpen); }}
        >
          <ChevronRight aria-hidden className={cx("size-3.5 text-muted transition-transform", isOpen && "rotate-90")} />
          {title}
          {active && <span aria-hidden className="ml-auto size-1.5 rounded-full bg-accent" />}
        </button>
      </h3>
      {isOpen && <div className="grid gap-px pt-0.5 pb-1.5 pl-4.5">{children}</div>}
    </section>
  );
}

const Tick = ({ label, count, checked, onChange }: { label: string; count?: number | undefined; checked: boolean; onChange(on: boolean): void }) => (
  <label className="flex min-h-6 cursor-pointer items-center gap-2 text-sm">
    <Checkbox className="size-3.5" checked={checked} onChange={(event) => onChange(event.target.checked)} />
    <span className="min-w-0 flex-1 truncate" title={label}>{label}</span>
    {count !== undefined && <span className="text-xs text-muted tabular-nums">{compact(count)}</span>}
  </label>
);

function FacetFold({ facet, filters, span, onChange, open = false }: FacetsProps & { facet: Facet; open?: boolean }) {
  const t = useText(traceTexts);
  const picked = chosen(filters[facet]);
  const [isOpen, setOpen] = useState(open || picked.length > 0);
  const [all, setAll] = useState(false);
  const [typed, setTyped] = useState("");
  const words = useDeferredValue(typed.trim());
  const values = useFacet(facet, filters, span, { enabled: isOpen, words, limit: MANY });
  const found = (values.data ?? []).filter((one) => one.value.toLowerCase().includes(words.toLowerCase()));
  // What is chosen stays in sight, though nothing has it any more.
  const shown = [...picked.filter((one) => !found.some((other) => other.value === one)).map((value) => ({ value, count: undefined })), ...found];
  const toggle = (value: string, on: boolean) => onChange({ [facet]: choice(on ? [...picked, value] : picked.filter((one) => one !== value)) });
  const title = t(FACET_LABELS[facet]);
  return (
    <Fold title={title} active={picked.length > 0} open={open} onToggle={setOpen}>
      {(shown.length > FEW || typed !== "" || (values.data?.length ?? 0) > FEW) && (
        <Input
          type="text" className="mb-1 h-7 text-xs" aria-label={`${title}: ${t("moreValues")}`} placeholder={t("moreValues")} value={typed} onChange={(event) => setTyped(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === "Enter" && typed.trim()) { toggle(typed.trim(), true); setTyped(""); }
          }}
        />
      )}
      {shown.slice(0, all ? MANY : Math.max(FEW, picked.length)).map((one) => (
        <Tick key={one.value} label={one.value} count={one.count} checked={picked.includes(one.value)} onChange={(on) => toggle(one.value, on)} />
      ))}
      {shown.length === 0 && <p className="text-xs text-muted">{values.isPending ? "…" : t("noValues")}</p>}
      {shown.length > FEW && <Button variant="ghost" size="sm" className="h-6 justify-start px-0" onClick={() => setAll(!all)}>{t(all ? "fewer" : "more")}</Button>}
    </Fold>
  );
}

function BoundFold({ bound, title, unit, filters, onChange }: FacetsProps & { bound: Bound; title: string; unit: string }) {
  const t = useText(traceTexts);
  const least = filters[`min_${bound}`];
  const most = filters[`max_${bound}`];
  return (
    <Fold title={title} active={least !== "" || most !== ""}>
      <div className="flex items-center gap-1.5">
        <NumberInput label={t("least", { name: title })} value={least} onChange={(value) => onChange({ [`min_${bound}`]: value })} placeholder="0" />
        <span aria-hidden className="text-muted">–</span>
        <NumberInput label={t("most", { name: title })} value={most} onChange={(value) => onChange({ [`max_${bound}`]: value })} placeholder="∞" />
      </div>
      <p className="text-xs text-muted">{unit}</p>
    </Fold>
  );
}

/** A number that is asked for once the typing rests. */
function NumberInput({ label, value, onChange, placeholder }: { label: string; value: string; onChange(value: string): void; placeholder: string }) {
  const [typed, setTyped] = useState(value);
  useEffect(() => setTyped(value), [value]);
  return (
    <Input
      type="number" min={0} step="any" inputMode="decimal" aria-label={label} placeholder={placeholder} className="h-7 px-1.5 text-xs" value={typed}
      onChange={(event) => setTyped(event.target.value)}
      onBlur={() => { if (typed !== value) onChange(typed); }}
      onKeyDown={(event) => { if (event.key === "Enter") onChange(typed); }}
    />
  );
}
