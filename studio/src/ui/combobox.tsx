import { Command } from "cmdk";
import { Popover } from "radix-ui";
import { type ReactNode, useState } from "react";
import { Check, ChevronsUpDown } from "lucide-react";
import { useText } from "@/i18n";
import { cx } from "@/lib/cx";
import { usePortal } from "./portal";
import { uiTexts } from "./i18n";

/** One of the choices. */
export interface Option {
  value: string;
  label: string;
  /** A second line. */
  hint?: ReactNode;
}

/** A choice of one among many, found by typing. With `onSearch` the server does the finding. */
export function Combobox({ value, onChange, options, onSearch, placeholder, className, ...control }: {
  value: string | null;
  onChange(value: string): void;
  options: readonly Option[];
  onSearch?(text: string): void;
  placeholder?: string;
  className?: string;
  id?: string;
  "aria-label"?: string;
  "aria-describedby"?: string;
  "aria-invalid"?: boolean;
}) {
  const t = useText(uiTexts);
  const [open, setOpen] = useState(false);
  const chosen = options.find((option) => option.value === value);
  return (
    <Popover.Root open={open} onOpenChange={setOpen}>
      <Popover.Trigger {...control} type="button" role="combobox" aria-expanded={open} className={cx("control flex h-8 w-full items-center justify-between gap-2 px-2.5 text-left", className)}>
        <span className={cx("truncate", !chosen && "text-muted")}>{chosen?.label ?? value ?? placeholder ?? t("choose")}</span>
        <ChevronsUpDown aria-hidden className="size-3.5 shrink-0 text-muted" />
      </Popover.Trigger>
      <Popover.Portal container={usePortal()}>
        <Popover.Content align="start" sideOffset={4} className="z-50 w-[max(var(--radix-popover-trigger-width),16rem)] animate-rise rounded-md border border-line bg-raised shadow-pop">
          <Command shouldFilter={!onSearch} label={placeholder ?? t("choose")}>
            <Command.Input autoFocus onValueChange={onSearch} placeholder={placeholder ?? t("choose")} className="h-9 w-full border-b border-line bg-transparent px-3 text-sm outline-none" />
            <Command.List className="max-h-72 overflow-y-auto p-1">
              <Command.Empty className="px-2 py-3 text-sm text-muted">{t("noMatch")}</Command.Empty>
              {options.map((option) => (
                <Command.Item
                  key={option.value}
                  value={`${option.label} ${option.value}`}
                  onSelect={() => { onChange(option.value); setOpen(false); }}
                  className="flex items-center gap-2 rounded-sm px-2 py-1.5 text-sm data-[selected=true]:bg-accent-soft"
                >
                  <Check aria-hidden className={cx("size-4 shrink-0", option.value === value ? "text-accent" : "invisible")} />
                  <span className="min-w-0">
                    <span className="block truncate">{option.label}</span>
                    {option.hint && <span className="block truncate text-xs text-muted">{option.hint}</span>}
                  </span>
                </Command.Item>
              ))}
            </Command.List>
          </Command>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
