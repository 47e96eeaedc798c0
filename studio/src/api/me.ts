import { queryOptions, useQuery, useSuspenseQuery } from "@tanstack/react-query";
import { api, type Permission, type Schemas, unwrap } from "./client";
import { ApiError } from "./error";
import { mayBeSignedIn, workspace } from "./session";

/** Who is signed in, and what they may do here. */
export type Me = Schemas["Me"];

async function load(): Promise<Me | null> {
  if (!mayBeSignedIn()) return null;
  try {
    return await unwrap(api.GET("/api/v1/me"));
  } catch (error) {
    if (error instanceof ApiError && error.status === 404 && workspace.get()) {
      // Not a member there any more: back to the workspace that the session begins in.
      workspace.clear();
      return load();
    }
    if (error instanceof ApiError && error.status === 401) return null;
    throw error;
  }
}

/** The query of `GET /api/v1/me`; null for nobody. */
export const meQuery = queryOptions({ queryKey: ["me"], queryFn: load, staleTime: 60_000 });

/** The caller, below the shell, where there always is one. */
export function useMe(): Me {
  const { data } = useSuspenseQuery(meQuery);
  if (!data) throw new ApiError(401, {});
  return data;
}

/** Whether the caller has a permission in this workspace. What is not allowed is not offered; the server decides in any case. */
export function useMay(permission: Permission): boolean {
  const { data } = useQuery(meQuery);
  return data?.permissions.includes(permission) ?? false;
}
