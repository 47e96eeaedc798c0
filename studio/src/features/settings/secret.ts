import type { Schemas, Written } from "@/api/client";
import type { ResourceKind } from "@/resource/kind";

export type Secret = Schemas["Secret"];
export type SecretSpec = Written<Schemas["SecretSpec"], "name" | "hosts">;

/** What the resource kit needs to know of secrets. */
export const secretKind: ResourceKind<Secret> = {
  kind: "secrets",
  path: "/settings/secrets",
  title: { en: "Secrets", vi: "Bí mật" },
  create: { en: "New secret", vi: "Bí mật mới" },
  empty: {
    en: "A secret is what headers of agents and webhooks carry without showing it: {{ secrets.name }}. It goes to the hosts that it names and to no other.",
    vi: "Bí mật là thứ header của tác tử và webhook mang theo mà không để lộ: {{ secrets.name }}. Nó chỉ được gửi đến các máy chủ đã nêu.",
  },
  read: "resources_read",
  write: "resources_write",
  versions: false,
};
