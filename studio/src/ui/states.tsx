import { type ReactNode, useContext, useEffect } from "react";
import { CircleAlert, CloudOff, Inbox, type LucideIcon, Lock, SearchX } from "lucide-react";
import { ApiError } from "@/api/error";
import { useText } from "@/i18n";
import { Button } from "./button";
import { uiTexts } from "./i18n";
import { WithinPage } from "./within-page";

/** Says what is the matter. Where there is no page around it, it is the page: its heading is the first one, and the tab's. */
function State({ icon: Icon, title, children, action, role }: { icon: LucideIcon; title: string; children?: ReactNode; action?: ReactNode; role?: "alert" | "status" }) {
  const within = useContext(WithinPage);
  const Heading = within ? "h2" : "h1";
  useEffect(() => {
    if (!within) document.title = `${title} · Assay Studio`;
  }, [within, title]);
  return (
    <div role={role} className="mx-auto flex max-w-md flex-col items-center gap-2 px-6 py-14 text-center">
      <span className="mb-1 grid size-11 place-items-center rounded-full bg-sunken text-muted"><Icon aria-hidden className="size-5" /></span>
      <Heading className="text-lg font-semibold">{title}</Heading>
      {children && <div className="text-sm text-pretty text-muted">{children}</div>}
      {action && <div className="mt-3 flex flex-wrap justify-center gap-2">{action}</div>}
    </div>
  );
}

/** Where rows will be, as long as they are not there. Where there is no page around it, it is the page, with a heading that says so. */
export function Loading({ rows = 6 }: { rows?: number }) {
  const t = useText(uiTexts);
  if (!useContext(WithinPage)) {
    return (
      <div className="mx-auto w-full max-w-[100rem] px-4 py-5 sm:px-6">
        <h1 aria-busy className="mb-4 h-7 w-56 animate-pulse rounded-md bg-sunken"><span className="sr-only">{t("loading")}</span></h1>
        <WithinPage value><Loading rows={rows} /></WithinPage>
      </div>
    );
  }
  return (
    <div role="status" aria-label={t("loading")} className="grid gap-2.5 py-4">
      {Array.from({ length: rows }, (_, index) => (
        <div key={index} className="h-7 animate-pulse rounded-md bg-sunken" style={{ width: `${100 - ((index * 7) % 30)}%` }} />
      ))}
    </div>
  );
}

/** There is nothing yet: says what it would be, and offers the first step. */
export const Empty = ({ title, children, action, icon = Inbox }: { title?: string; children?: ReactNode; action?: ReactNode; icon?: LucideIcon }) => {
  const t = useText(uiTexts);
  return <State icon={icon} title={title ?? t("emptyTitle")} action={action}>{children}</State>;
};

/** The caller's role does not allow it. */
export const NoPermission = () => {
  const t = useText(uiTexts);
  return <State icon={Lock} title={t("deniedTitle")}>{t("deniedText")}</State>;
};

/** Nothing answers. */
export const Offline = ({ onRetry }: { onRetry?: (() => void) | undefined }) => {
  const t = useText(uiTexts);
  return <State role="alert" icon={CloudOff} title={t("offlineTitle")} action={onRetry && <Button onClick={onRetry}>{t("retry")}</Button>}>{t("offlineText")}</State>;
};

/** A failed request in the place of what it would have shown; it tells apart offline, not allowed and not there. */
export function ErrorState({ error, onRetry }: { error: unknown; onRetry?: (() => void) | undefined }) {
  const t = useText(uiTexts);
  if (error instanceof ApiError) {
    if (error.isOffline) return <Offline onRetry={onRetry} />;
    if (error.status === 403) return <NoPermission />;
    if (error.status === 404) return <State icon={SearchX} title={t("missingTitle")}>{t("missingText")}</State>;
  }
  return (
    <State role="alert" icon={CircleAlert} title={t("errorTitle")} action={onRetry && <Button onClick={onRetry}>{t("retry")}</Button>}>
      <p>{messageOf(error, t("unknownError"))}</p>
      {error instanceof ApiError && error.requestId && <p className="mt-1 font-mono text-xs">{t("requestId", { id: error.requestId })}</p>}
    </State>
  );
}

/** What to tell of an error: the server's words, or `otherwise`. */
export const messageOf = (error: unknown, otherwise: string) => (error instanceof ApiError && error.message ? error.message : otherwise);

/** Shows the states of a query, and `children` when there is data. */
export function Loaded<T>({ query, children, loading }: {
  query: { data: T | undefined; error: unknown; isPending: boolean; refetch(): unknown };
  children(data: T): ReactNode;
  loading?: ReactNode;
}) {
  if (query.data !== undefined) return children(query.data);
  if (query.error) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  return loading ?? <Loading />;
}
