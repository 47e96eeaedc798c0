import { MutationCache, QueryCache, QueryClient } from "@tanstack/react-query";
import { ApiError, isSignedOut } from "@/api/error";
import { connection } from "./connection";

const failed = (error: unknown) => {
  if (error instanceof ApiError && error.isOffline) connection.lost();
  if (isSignedOut(error)) signedOut();
};

let signedOut = () => {};
/** What to do when the server does not know the caller any more. */
export const onSignedOut = (handler: () => void) => {
  signedOut = handler;
};

/** The cache of what the API answered. */
export const queryClient = new QueryClient({
  queryCache: new QueryCache({ onError: failed }),
  mutationCache: new MutationCache({ onError: failed }),
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      // The browser's idea of being online is wrong on a machine of one's own: the platform may be right here.
      networkMode: "always",
      retry: (count, error) => count < 2 && error instanceof ApiError && (error.status === 429 || error.status >= 500),
    },
    mutations: { networkMode: "always" },
  },
});
