import { Tabs as Radix } from "radix-ui";
import type { ReactNode } from "react";
import { cx } from "@/lib/cx";

/** Parts of a page, one at a time. Keep `value` in the address (`useUrlState`), so that links lead to the part. */
export function Tabs<T extends string>({ value, onChange, tabs, label, children, className }: {
  value: T;
  onChange(value: T): void;
  tabs: readonly { value: T; label: ReactNode }[];
  label: string;
  /** The chosen part. */
  children: ReactNode;
  className?: string;
}) {
  return (
    <Radix.Root value={value} onValueChange={(next) => onChange(next as T)} className={className}>
      <Radix.List aria-label={label} className="flex gap-5 overflow-x-auto border-b border-line">
        {tabs.map((tab) => (
          <Radix.Trigger
            key={tab.value}
            value={tab.value}
            className={cx(
              "-mb-px border-b-2 border-transparent py-2 text-sm font-medium whitespace-nowrap text-muted hover:text-ink",
              "data-[state=active]:border-accent data-[state=active]:text-ink focus-visible:outline-offset-[-2px]",
            )}
          >
            {tab.label}
          </Radix.Trigger>
        ))}
      </Radix.List>
      <Radix.Content key={value} value={value} className="pt-4 outline-none" tabIndex={-1}>{children}</Radix.Content>
    </Radix.Root>
  );
}
