import { useRouter } from "@tanstack/react-router";
import type { MouseEvent, ReactNode } from "react";

/**
 * A link within the app for the rows of long lists. The router's own looks at the address with each change of it and makes its
 * target anew, which is most of what a row costs; this one asks the router when it is clicked.
 */
export function PlainLink({ to, className, title, children }: { to: string; className?: string; title?: string; children: ReactNode }) {
  const router = useRouter();
  const go = (event: MouseEvent<HTMLAnchorElement>) => {
    // Anything else is the browser's: a new tab, a menu, a download.
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    router.history.push(to);
  };
  // The code of the page that it leads to, a moment earlier.
  const ahead = () => void router.preloadRoute({ to } as never).catch(() => undefined);
  return <a href={to} className={className} title={title} onPointerDown={ahead} onClick={go}>{children}</a>;
}
