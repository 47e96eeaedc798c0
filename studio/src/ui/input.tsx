import type { ComponentProps } from "react";
import { ChevronDown, Search } from "lucide-react";
import { cx } from "@/lib/cx";

/** One line of text. Inside a `Field` it needs no label of its own. */
export const Input = ({ className, ...rest }: ComponentProps<"input">) => (
  <input className={cx("control h-8 w-full px-2.5", className)} {...rest} />
);

/** Several lines of text, which grow with what is written. */
export const Textarea = ({ className, ...rest }: ComponentProps<"textarea">) => (
  <textarea className={cx("control field-sizing-content min-h-16 w-full px-2.5 py-1.5", className)} {...rest} />
);

/** The browser's own choice of one, which is the fastest to use by keyboard and on a tablet. */
export const Select = ({ className, children, ...rest }: ComponentProps<"select">) => (
  <span className={cx("relative inline-flex w-full", className)}>
    <select className="control h-8 w-full appearance-none pr-8 pl-2.5" {...rest}>
      {children}
    </select>
    <ChevronDown aria-hidden className="pointer-events-none absolute top-2 right-2 size-4 text-muted" />
  </span>
);

/** A box to tick. */
export const Checkbox = ({ className, ...rest }: Omit<ComponentProps<"input">, "type">) => (
  <input type="checkbox" className={cx("size-4 shrink-0 cursor-pointer align-middle accent-accent", className)} {...rest} />
);

/** A field to search by; `label` is what screen readers say. */
export const SearchInput = ({ className, label, ...rest }: ComponentProps<"input"> & { label: string }) => (
  <span className={cx("relative inline-flex", className)}>
    <Search aria-hidden className="pointer-events-none absolute top-2 left-2.5 size-4 text-muted" />
    <input type="search" aria-label={label} placeholder={label} className="control h-8 w-full pr-2 pl-8" {...rest} />
  </span>
);
