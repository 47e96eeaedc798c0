import { SquarePlay } from "lucide-react";
import type { Feature } from "@/app/feature";

/** The playground: models side by side, talked to. */
export const playground: Feature = {
  nav: [{ group: "build", title: { en: "Playground", vi: "Sân thử" }, to: "/playground", icon: SquarePlay, permission: "evaluations_run", key: "l" }],
  commands: [{ title: { en: "Talk to a model", vi: "Trò chuyện với mô hình" }, to: "/playground", icon: SquarePlay, permission: "evaluations_run" }],
  pages: [{ path: "/playground", load: () => import("./PlaygroundPage") }],
};
