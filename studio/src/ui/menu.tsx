import { DropdownMenu } from "radix-ui";
import type { ComponentProps, ReactNode } from "react";
import { Check } from "lucide-react";
import { cx } from "@/lib/cx";
import { usePortal } from "./portal";

const item = "flex cursor-default items-center gap-2 rounded-sm px-2 py-1.5 text-sm outline-none select-none data-[disabled]:opacity-50 data-[highlighted]:bg-accent-soft [&_svg]:size-4 [&_svg]:text-muted";

/** A menu that opens at its trigger, which is one element that takes a ref. Not modal: that would need styles the policy forbids. */
export function Menu({ trigger, children, align = "end" }: { trigger: ReactNode; children: ReactNode; align?: "start" | "end" }) {
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger asChild>{trigger}</DropdownMenu.Trigger>
      <DropdownMenu.Portal container={usePortal()}>
        <DropdownMenu.Content align={align} sideOffset={4} className="z-50 max-h-[70vh] min-w-44 animate-rise overflow-y-auto rounded-md border border-line bg-raised p-1 shadow-pop">
          {children}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

/** Something to do. */
export const MenuItem = ({ danger, className, ...rest }: ComponentProps<typeof DropdownMenu.Item> & { danger?: boolean }) => (
  <DropdownMenu.Item className={cx(item, danger && "text-bad [&_svg]:text-bad", className)} {...rest} />
);

/** Something that is on or off; the menu stays open. */
export const MenuCheck = ({ children, ...rest }: ComponentProps<typeof DropdownMenu.CheckboxItem>) => (
  <DropdownMenu.CheckboxItem className={cx(item, "pl-7 relative")} onSelect={(event) => event.preventDefault()} {...rest}>
    <DropdownMenu.ItemIndicator className="absolute left-2"><Check aria-hidden /></DropdownMenu.ItemIndicator>
    {children}
  </DropdownMenu.CheckboxItem>
);

/** One of several. */
export function MenuChoice<T extends string>({ label, value, options, onChange }: {
  label: string;
  value: T;
  options: readonly { value: T; label: ReactNode }[];
  onChange(value: T): void;
}) {
  return (
    <DropdownMenu.RadioGroup value={value} onValueChange={(next) => onChange(next as T)}>
      <DropdownMenu.Label className="label px-2 pt-1.5 pb-1">{label}</DropdownMenu.Label>
      {options.map((option) => (
        <DropdownMenu.RadioItem key={option.value} value={option.value} className={cx(item, "relative pl-7")}>
          <DropdownMenu.ItemIndicator className="absolute left-2"><Check aria-hidden /></DropdownMenu.ItemIndicator>
          {option.label}
        </DropdownMenu.RadioItem>
      ))}
    </DropdownMenu.RadioGroup>
  );
}

/** A line between groups. */
export const MenuLine = () => <DropdownMenu.Separator className="my-1 h-px bg-line" />;
