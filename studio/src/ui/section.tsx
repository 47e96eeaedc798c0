import type { ReactNode } from "react";
import { cx } from "@/lib/cx";

/** A part of a page or a form, on a card, with its heading. */
export const Section = ({ title, actions, children, className }: { title: ReactNode; actions?: ReactNode; children: ReactNode; className?: string }) => (
  <section className={cx("card grid content-start gap-4 p-4", className)}>
    <header className="flex items-center justify-between gap-3">
      <h2 className="font-semibold">{title}</h2>
      {actions}
    </header>
    {children}
  </section>
);

/** Names and values side by side. What has no value is left out. */
export const Facts = ({ facts, className }: { facts: readonly (readonly [ReactNode, ReactNode])[]; className?: string }) => (
  <dl className={cx("flex flex-wrap gap-x-6 gap-y-1", className)}>
    {facts.map(([name, value], index) => (value === null || value === undefined || value === "" ? null : (
      <div key={index} className="flex min-w-0 items-baseline gap-1.5">
        <dt className="label">{name}</dt>
        <dd className="truncate text-sm tabular-nums">{value}</dd>
      </div>
    )))}
  </dl>
);
