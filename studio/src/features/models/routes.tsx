import { BrainCircuit } from "lucide-react";
import type { Feature } from "@/app/feature";

/** Models: who judges and plays personas. */
export const models: Feature = {
  nav: [{ group: "build", title: { en: "Models", vi: "Mô hình" }, to: "/models", icon: BrainCircuit, permission: "resources_read", key: "m" }],
  commands: [{ title: { en: "New model", vi: "Mô hình mới" }, to: "/models/new", icon: BrainCircuit, permission: "resources_write" }],
  pages: [
    { path: "/models", load: () => import("./ModelsPage") },
    { path: "/models/new", load: () => import("./NewModelPage") },
    { path: "/models/$id", load: () => import("./ModelPage") },
  ],
};
