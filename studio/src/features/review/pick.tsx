import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useDeferredValue, useState } from "react";
import { X } from "lucide-react";
import { request } from "@/api/client";
import type { Page } from "@/api/pages";
import { Button } from "@/ui/button";
import { Combobox, type Option } from "@/ui/combobox";
import { useText } from "@/i18n";
import { queueFormTexts } from "./i18n-form";
import { usePeople } from "@/resource/people";

interface Named {
  id: string;
  name: string;
}

/** A choice of one thing of a kind, found by the server where it can search. */
export function PickOne<T extends Named>({ path, value, onChange, placeholder, hint, search = true, ...control }: {
  /** The list's path: `/api/v1/datasets`. */
  path: string;
  value: T | null;
  onChange(item: T): void;
  placeholder: string;
  hint?(item: T): string;
  /** Whether the list takes `q`. */
  search?: boolean;
  id?: string;
}) {
  const [typed, setTyped] = useState("");
  const q = useDeferredValue(search ? typed : "");
  const { data } = useQuery({
    queryKey: ["pick", path, q],
    queryFn: async ({ signal }) => (await request<Page<T>>("GET", path, { query: { limit: 50, q: q || null }, signal })).data.data,
    placeholderData: keepPreviousData,
  });
  const rows = value && !data?.some((one) => one.id === value.id) ? [value, ...(data ?? [])] : data ?? [];
  const options: Option[] = rows.map((one) => ({ value: one.id, label: one.name, hint: hint?.(one) }));
  return (
    <Combobox
      {...control}
      value={value?.id ?? null}
      options={options}
      placeholder={placeholder}
      {...(search ? { onSearch: setTyped } : {})}
      onChange={(id) => {
        const found = rows.find((one) => one.id === id);
        if (found) onChange(found);
      }}
    />
  );
}

/** A choice of several. */
export function PickMany({ value, onChange, options, placeholder, ...control }: {
  value: readonly string[];
  onChange(ids: string[]): void;
  options: readonly Option[];
  placeholder: string;
  id?: string;
}) {
  const t = useText(queueFormTexts);
  const nameOf = (id: string) => options.find((one) => one.value === id)?.label ?? id;
  return (
    <div className="grid gap-1.5">
      <Combobox {...control} value={null} placeholder={placeholder} options={options.filter((one) => !value.includes(one.value))} onChange={(id) => onChange([...value, id])} />
      {value.length > 0 && (
        <ul className="flex flex-wrap gap-1.5">
          {value.map((id) => (
            <li key={id} className="inline-flex items-center gap-1 rounded-md bg-sunken py-0.5 pl-2 text-sm">
              {nameOf(id)}
              <Button variant="ghost" size="icon-sm" aria-label={t("remove", { name: nameOf(id) })} onClick={() => onChange(value.filter((one) => one !== id))}><X aria-hidden /></Button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

/** A choice of several people. */
export function PickPeople(props: { value: readonly string[]; onChange(ids: string[]): void; id?: string }) {
  const t = useText(queueFormTexts);
  const { people, nameOf } = usePeople();
  // Whoever was chosen and is not there any more can still be taken away.
  const gone = props.value.filter((id) => !people.some((one) => one.id === id));
  const options = [...people.map((one) => ({ value: one.id, label: one.name })), ...gone.map((id) => ({ value: id, label: nameOf(id) }))];
  return <PickMany {...props} placeholder={t("addPerson")} options={options} />;
}
