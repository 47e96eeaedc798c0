import { Radar } from "lucide-react";
import type { Feature } from "@/app/feature";

/** Online evaluation: traces are scored as they come in. */
export const online: Feature = {
  nav: [{ group: "observe", title: { en: "Evaluation rules", vi: "Quy tắc đánh giá" }, to: "/evaluation-rules", icon: Radar, permission: "resources_read" }],
  commands: [{ title: { en: "New evaluation rule", vi: "Quy tắc đánh giá mới" }, to: "/evaluation-rules/new", icon: Radar, permission: "resources_write" }],
  pages: [
    { path: "/evaluation-rules", load: () => import("./RulesPage") },
    { path: "/evaluation-rules/new", load: () => import("./NewRulePage") },
    { path: "/evaluation-rules/$id", load: () => import("./RulePage") },
  ],
};
