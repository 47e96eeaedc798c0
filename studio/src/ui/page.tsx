import { type ReactNode, useEffect } from "react";
import { Link } from "@tanstack/react-router";
import { cx } from "@/lib/cx";
import { WithinPage } from "./within-page";

/** A page: title, what can be done, content. It sets the title of the tab. */
export function Page({ title, description, actions, back, children, wide = true }: {
  title: string;
  description?: ReactNode;
  actions?: ReactNode;
  /** The list that a detail belongs to. */
  back?: { to: string; search?: Record<string, string>; label: string };
  children: ReactNode;
  /** Forms and texts are easier to read when they are narrow. */
  wide?: boolean;
}) {
  useEffect(() => {
    document.title = `${title} · Assay Studio`;
  }, [title]);
  return (
    <div className={cx("mx-auto w-full px-4 py-5 sm:px-6", wide ? "max-w-[100rem]" : "max-w-3xl")}>
      <header className="mb-4 flex flex-wrap items-center gap-x-4 gap-y-2">
        <div className="min-w-[min(100%,20rem)] flex-1">
          {back && <Link to={back.to} search={(back.search ?? {}) as never} className="text-xs font-medium text-muted hover:text-accent hover:underline">{back.label}</Link>}
          <h1 className="truncate text-xl font-semibold" title={title}>{title}</h1>
          {description && <div className="mt-0.5 text-sm wrap-anywhere text-muted">{description}</div>}
        </div>
        {actions && <div className="flex flex-wrap gap-2">{actions}</div>}
      </header>
      <WithinPage value>{children}</WithinPage>
    </div>
  );
}
