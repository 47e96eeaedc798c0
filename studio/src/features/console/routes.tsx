import { SquareTerminal } from "lucide-react";
import type { Feature } from "@/app/feature";

/** The dev console: what happens in a run, as it happens. */
export const devConsole: Feature = {
  nav: [{ group: "observe", title: { en: "Dev console", vi: "Bảng theo dõi" }, to: "/console", icon: SquareTerminal, permission: "campaigns_read", key: "o" }],
  pages: [{ path: "/console", load: () => import("./ConsolePage") }],
};
