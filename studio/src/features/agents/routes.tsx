import { Bot } from "lucide-react";
import type { Feature } from "@/app/feature";

/** Agents: what is evaluated. */
export const agents: Feature = {
  nav: [{ group: "build", title: { en: "Agents", vi: "Tác tử" }, to: "/agents", icon: Bot, permission: "resources_read", key: "a" }],
  commands: [{ title: { en: "New agent", vi: "Tác tử mới" }, to: "/agents/new", icon: Bot, permission: "resources_write" }],
  pages: [
    { path: "/agents", load: () => import("./AgentsPage") },
    { path: "/agents/new", load: () => import("./NewAgentPage") },
    { path: "/agents/$id", load: () => import("./AgentPage") },
  ],
};
