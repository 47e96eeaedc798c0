import { KeyRound } from "lucide-react";
import type { Feature } from "@/app/feature";

/** Secrets: what headers name and nobody reads again. */
export const secrets: Feature = {
  nav: [{ group: "settings", title: { en: "Secrets", vi: "Bí mật" }, to: "/secrets", icon: KeyRound, permission: "resources_read" }],
  commands: [{ title: { en: "New secret", vi: "Bí mật mới" }, to: "/secrets/new", icon: KeyRound, permission: "resources_write" }],
  pages: [
    { path: "/secrets", load: () => import("./SecretsPage") },
    { path: "/secrets/new", load: () => import("./NewSecretPage") },
    { path: "/secrets/$id", load: () => import("./SecretPage") },
  ],
};
