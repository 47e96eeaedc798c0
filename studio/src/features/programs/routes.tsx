import { Binary } from "lucide-react";
import type { Feature } from "@/app/feature";

/** Programs: what scenarios compute beyond expressions. */
export const programs: Feature = {
  nav: [{ group: "build", title: { en: "Programs", vi: "Chương trình" }, to: "/programs", icon: Binary, permission: "resources_read" }],
  commands: [{ title: { en: "New program", vi: "Chương trình mới" }, to: "/programs/new", icon: Binary, permission: "resources_write" }],
  pages: [
    { path: "/programs", load: () => import("./ProgramsPage") },
    { path: "/programs/new", load: () => import("./NewProgramPage") },
    { path: "/programs/$id", load: () => import("./ProgramPage") },
  ],
};
