import { Drama } from "lucide-react";
import type { Feature } from "@/app/feature";

/** Personas: who the simulated user is. */
export const personas: Feature = {
  nav: [{ group: "build", title: { en: "Personas", vi: "Nhân vật" }, to: "/personas", icon: Drama, permission: "resources_read", key: "u" }],
  commands: [{ title: { en: "New persona", vi: "Nhân vật mới" }, to: "/personas/new", icon: Drama, permission: "resources_write" }],
  pages: [
    { path: "/personas", load: () => import("./PersonasPage") },
    { path: "/personas/new", load: () => import("./NewPersonaPage") },
    { path: "/personas/$id", load: () => import("./PersonaPage") },
  ],
};
