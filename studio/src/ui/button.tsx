import { cva, type VariantProps } from "class-variance-authority";
import type { ComponentProps } from "react";
import { Link } from "@tanstack/react-router";
import { cx } from "@/lib/cx";

const look = cva(
  "inline-flex shrink-0 select-none items-center justify-center gap-1.5 rounded-md font-medium whitespace-nowrap transition-colors disabled:pointer-events-none disabled:opacity-50 [&_svg]:size-4 [&_svg]:shrink-0",
  {
    variants: {
      variant: {
        primary: "bg-accent text-on-accent hover:bg-accent-strong",
        secondary: "border border-edge/60 bg-raised text-ink hover:border-edge hover:bg-sunken",
        ghost: "text-muted hover:bg-sunken hover:text-ink",
        danger: "border border-bad/50 bg-raised text-bad hover:bg-bad-soft",
      },
      size: {
        sm: "h-7 px-2 text-xs",
        md: "h-8 px-3 text-sm",
        icon: "size-8",
        "icon-sm": "size-7",
      },
    },
    defaultVariants: { variant: "secondary", size: "md" },
  },
);

type Look = VariantProps<typeof look>;

/** A button. One that shows an icon alone needs `aria-label`. */
export function Button({ variant, size, className, type = "button", busy, disabled, ...rest }: ComponentProps<"button"> & Look & {
  /** Whether what it began goes on: it cannot be pressed meanwhile. */
  busy?: boolean | undefined;
}) {
  return <button type={type} disabled={disabled || busy} aria-busy={busy || undefined} className={cx(look({ variant, size }), className)} {...rest} />;
}

/** A link that looks like a button. */
export function ButtonLink({ variant, size, className, ...rest }: ComponentProps<typeof Link> & Look) {
  return <Link className={cx(look({ variant, size }), className)} {...rest} />;
}
