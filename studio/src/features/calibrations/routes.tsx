import { Scale } from "lucide-react";
import type { Feature } from "@/app/feature";

/** Calibrations: how far a judge's scores can be trusted, as people's answers tell. */
export const calibrations: Feature = {
  nav: [{ group: "evaluate", title: { en: "Calibrations", vi: "Hiệu chỉnh" }, to: "/calibrations", icon: Scale, permission: "campaigns_read" }],
  pages: [
    { path: "/calibrations", load: () => import("./CalibrationsPage") },
    { path: "/calibrations/$id", load: () => import("./CalibrationPage") },
  ],
};
