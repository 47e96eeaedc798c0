import { useMemo } from "react";
import { usePages } from "@/api/pages";
import { ago, percent } from "@/lib/format";
import { Combobox } from "@/ui/combobox";
import { type Campaign, useCampaign } from "./data";

/** A campaign that has ended, by name; the newest first. */
export function CampaignPicker({ value, onChange, not, placeholder, ...control }: {
  value: string;
  onChange(id: string): void;
  /** The one that it is compared with is no choice. */
  not: string;
  placeholder: string;
  id?: string;
  "aria-label"?: string;
}) {
  const list = usePages<Campaign>({ key: ["campaigns", "list"], path: "/api/v1/campaigns", limit: 200 });
  // An older one than those of the first page is known by a link.
  const chosen = useCampaign(value, value !== "");
  const options = useMemo(() => {
    const ended = list.rows.filter((one) => one.id !== not && one.finished_at !== null);
    const all = chosen.data && chosen.data.id !== not && !ended.some((one) => one.id === chosen.data.id) ? [chosen.data, ...ended] : ended;
    return all.map((one) => ({ value: one.id, label: one.name, hint: `${ago(one.created_at)} · ${percent(one.pass_rate)}` }));
  }, [list.rows, chosen.data, not]);
  return <Combobox value={value || null} onChange={onChange} options={options} placeholder={placeholder} {...control} />;
}
