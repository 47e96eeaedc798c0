import type { Feature } from "@/app/feature";

/** Signing in, accepting an invitation, the profile. */
export const account: Feature = {
  pages: [
    { path: "/sign-in", load: () => import("./SignInPage"), open: true },
    { path: "/invitation", load: () => import("./InvitationPage"), open: true },
    { path: "/profile", load: () => import("./ProfilePage") },
  ],
};
