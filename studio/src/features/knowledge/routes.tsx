import { Library } from "lucide-react";
import type { Feature } from "@/app/feature";

/** Knowledge bases: what agents answer from. */
export const knowledge: Feature = {
  nav: [{ group: "build", title: { en: "Knowledge", vi: "Tri thức" }, to: "/knowledge", icon: Library, permission: "resources_read", key: "k" }],
  commands: [{ title: { en: "New knowledge base", vi: "Cơ sở tri thức mới" }, to: "/knowledge/new", icon: Library, permission: "resources_write" }],
  pages: [
    { path: "/knowledge", load: () => import("./KnowledgePage") },
    { path: "/knowledge/new", load: () => import("./NewBasePage") },
    { path: "/knowledge/$id", load: () => import("./BasePage") },
  ],
};
