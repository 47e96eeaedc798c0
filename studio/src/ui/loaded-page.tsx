import type { ReactNode } from "react";
import { Page } from "./page";
import { ErrorState, Loading } from "./states";

/** The states of a query that a whole page depends on: what waits and what fails has a heading and the way back, too. */
export function LoadedPage<T>({ query, title, back, children }: {
  query: { data: T | undefined; error: unknown; refetch(): unknown };
  /** Of the page as long as there is nothing to name it by. */
  title: string;
  back: { to: string; search?: Record<string, string>; label: string };
  children(data: T): ReactNode;
}) {
  if (query.data !== undefined) return children(query.data);
  return <Page title={title} back={back}>{query.error ? <ErrorState error={query.error} onRetry={() => void query.refetch()} /> : <Loading />}</Page>;
}
