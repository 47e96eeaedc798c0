import { QueryClient } from "@tanstack/react-query";
import { ApiError } from "@/api/error";

/** The cache of what the API answered. */
export const queryClient = new QueryClient({
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
