import { Route } from "lucide-react";
import type { Feature } from "@/app/feature";

/** Most scenarios have a graph: its canvas comes beside the page, not after it. */
const canvas = () => void import("./editor/GraphPane").catch(() => {});

/** Scenarios: what the simulated user does. */
export const scenarios: Feature = {
  nav: [{ group: "evaluate", title: { en: "Scenarios", vi: "Kịch bản" }, to: "/scenarios", icon: Route, permission: "resources_read", key: "s" }],
  commands: [{ title: { en: "New scenario", vi: "Kịch bản mới" }, to: "/scenarios/new", icon: Route, permission: "resources_write" }],
  pages: [
    { path: "/scenarios", load: () => import("./ScenariosPage") },
    { path: "/scenarios/new", load: () => import("./NewScenarioPage") },
    { path: "/scenarios/$id", load: () => { canvas(); return import("./ScenarioPage"); } },
  ],
};
