import type { Schemas, Written } from "@/api/client";
import type { ResourceKind } from "@/resource/kind";

/** A secret as the API shows it: all but its value. */
export type Secret = Schemas["Secret"];
/** A secret as it is written. */
export type SecretSpec = Written<Schemas["SecretSpec"], "name" | "hosts">;

/** What the resource kit needs to know of secrets. */
export const secretKind: ResourceKind<Secret> = {
  kind: "secrets",
  path: "/secrets",
  title: { en: "Secrets", vi: "Bí mật" },
  create: { en: "New secret", vi: "Bí mật mới" },
  empty: {
    en: "A secret is a key or token that headers of agents, tools and webhooks name as {{ secrets.name }}. It goes to its own hosts only, and is never shown again.",
    vi: "Bí mật là khóa hoặc token mà header của tác tử, công cụ và webhook gọi bằng {{ secrets.tên }}. Nó chỉ được gửi đến các máy chủ của nó và không bao giờ hiện lại.",
  },
  read: "resources_read",
  write: "resources_write",
  versions: false,
};

/** Hosts as they are typed: one a line, or between commas and spaces. What is pasted as an address loses all but its host. */
export const hostsIn = (text: string) =>
  [...new Set(text.split(/[\s,;]+/).map((one) => one.replace(/^[a-z][a-z0-9+.-]*:\/\//i, "").replace(/[/?#].*$/, "").replace(/:\d+$/, "")).filter(Boolean))];
