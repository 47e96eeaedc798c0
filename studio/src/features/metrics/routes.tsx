import { Gauge } from "lucide-react";
import type { Feature } from "@/app/feature";

/** Metrics: the catalogue of kinds, and the workspace's own library. */
export const metrics: Feature = {
  nav: [{ group: "evaluate", title: { en: "Metrics", vi: "Chỉ số" }, to: "/metrics", icon: Gauge, permission: "resources_read", key: "e" }],
  commands: [
    { title: { en: "Catalogue of metrics", vi: "Danh mục chỉ số" }, to: "/metrics/catalogue", icon: Gauge, permission: "resources_read" },
    { title: { en: "New metric", vi: "Chỉ số mới" }, to: "/metrics/new", icon: Gauge, permission: "resources_write" },
  ],
  pages: [
    { path: "/metrics", load: () => import("./MetricsPage") },
    { path: "/metrics/catalogue", load: () => import("./CataloguePage") },
    // A kind is looked at there by who may not keep a metric, too.
    { path: "/metrics/new", load: () => import("./NewMetricPage"), permission: "resources_read" },
    { path: "/metrics/$id", load: () => import("./MetricPage") },
  ],
};
