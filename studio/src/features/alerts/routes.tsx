import { BellRing } from "lucide-react";
import type { Feature } from "@/app/feature";

/** Alerts: told when something has changed. */
export const alerts: Feature = {
  nav: [{ group: "observe", title: { en: "Alerts", vi: "Cảnh báo" }, to: "/alerts", icon: BellRing, permission: "resources_read" }],
  commands: [{ title: { en: "New alert", vi: "Cảnh báo mới" }, to: "/alerts/new", icon: BellRing, permission: "resources_write" }],
  pages: [
    { path: "/alerts", load: () => import("./AlertsPage") },
    { path: "/alerts/new", load: () => import("./NewAlertPage") },
    { path: "/alerts/$id", load: () => import("./AlertPage") },
  ],
};
