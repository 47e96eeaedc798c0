import { Tags } from "lucide-react";
import type { Feature } from "@/app/feature";

/** Label schemas: the questions that people answer in review queues. */
export const labels: Feature = {
  nav: [{ group: "evaluate", title: { en: "Label schemas", vi: "Mẫu nhãn" }, to: "/label-schemas", icon: Tags, permission: "resources_read" }],
  commands: [{ title: { en: "New label schema", vi: "Mẫu nhãn mới" }, to: "/label-schemas/new", icon: Tags, permission: "resources_write" }],
  pages: [
    { path: "/label-schemas", load: () => import("./LabelSchemasPage") },
    { path: "/label-schemas/new", load: () => import("./NewLabelSchemaPage") },
    { path: "/label-schemas/$id", load: () => import("./LabelSchemaPage") },
  ],
};
