import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { useEffect } from "react";
import { onFailed } from "@/api/client";
import { isSignedOut } from "@/api/error";
import { meQuery } from "@/api/me";
import { keyPair } from "@/api/session";
import { language } from "@/i18n";
import { keepDrafts } from "@/resource/kept";
import { Toaster } from "@/ui/toast";
import { TooltipProvider } from "@/ui/tooltip";
import { connection } from "./connection";
import { ErrorBoundary } from "./ErrorBoundary";
import { queryClient } from "./query-client";
import { router } from "./router";

onFailed((error) => {
  if (error.isOffline) connection.lost();
  if (!isSignedOut(error)) return;
  // Asked once: `beforeLoad` then leads to the sign-in, which leads back here.
  const me = queryClient.getQueryData(meQuery.queryKey);
  if (me === null) return;
  if (me) keepDrafts(me);
  keyPair.clear();
  queryClient.setQueryData(meQuery.queryKey, null);
  void router.invalidate();
});
connection.onBack(() => void queryClient.invalidateQueries());

/** The whole app. */
export function App() {
  const chosen = language.use();
  useEffect(() => {
    document.documentElement.lang = chosen;
  }, [chosen]);
  return (
    <ErrorBoundary>
      <QueryClientProvider client={queryClient}>
        <TooltipProvider>
          <RouterProvider router={router} />
          <Toaster />
        </TooltipProvider>
      </QueryClientProvider>
    </ErrorBoundary>
  );
}
