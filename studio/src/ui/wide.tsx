import type { ReactNode } from "react";

/** What is wider than a small screen scrolls sideways by itself, by keys as well. */
export const Wide = ({ label, children }: { label: string; children: ReactNode }) => (
  <div role="region" aria-label={label} tabIndex={0} className="overflow-x-auto">{children}</div>
);
