import { api } from "@/api/client";
import { isSignedOut } from "@/api/error";
import { meQuery } from "@/api/me";
import { keyPair, workspace } from "@/api/session";
import { dropDrafts } from "@/resource/kept";
import { queryClient } from "./query-client";
import { router } from "./router";

async function begin(): Promise<void> {
  queryClient.clear();
  await queryClient.fetchQuery(meQuery);
  await router.invalidate();
}

/** Looks at another workspace. What was read of the one before is forgotten. */
export async function switchWorkspace(id: string): Promise<void> {
  workspace.set(id);
  await router.navigate({ to: "/" });
  await begin();
}

/** Ends the session, or forgets the key pair. */
export async function signOut(): Promise<void> {
  if (!keyPair.get()) {
    try {
      await api.POST("/api/v1/auth/sign-out");
    } catch (error) {
      if (!isSignedOut(error)) throw error;
    }
  }
  dropDrafts();
  keyPair.clear();
  workspace.clear();
  await begin();
}
