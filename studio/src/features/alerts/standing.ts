import { useQuery } from "@tanstack/react-query";
import { request } from "@/api/client";
import type { AlertStatus } from "./kind";

/** Where an alert stands; asked again as often as alerts are looked at. */
export const useStatus = (id: string) =>
  useQuery({
    queryKey: ["alerts", "status", id],
    queryFn: async ({ signal }) => (await request<AlertStatus>("GET", `/api/v1/alerts/${id}/status`, { signal })).data,
    refetchInterval: 10_000,
  });
