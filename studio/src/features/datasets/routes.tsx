import { Table2 } from "lucide-react";
import type { Feature } from "@/app/feature";

/** Datasets: what agents are tried with. */
export const datasets: Feature = {
  nav: [{ group: "evaluate", title: { en: "Datasets", vi: "Bộ dữ liệu" }, to: "/datasets", icon: Table2, permission: "resources_read", key: "d" }],
  commands: [{ title: { en: "New dataset", vi: "Bộ dữ liệu mới" }, to: "/datasets/new", icon: Table2, permission: "resources_write" }],
  pages: [
    { path: "/datasets", load: () => import("./DatasetsPage") },
    { path: "/datasets/new", load: () => import("./NewDatasetPage") },
    { path: "/datasets/$id", load: () => import("./DatasetPage") },
    { path: "/datasets/$id/import", load: () => import("./import/ImportPage"), permission: "resources_write" },
  ],
};
