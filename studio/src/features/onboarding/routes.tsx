import { Rocket } from "lucide-react";
import type { Feature } from "@/app/feature";

/** From nothing to the first scored campaign. */
export const onboarding: Feature = {
  commands: [{ title: { en: "Evaluate a new agent, step by step", vi: "Đánh giá một tác tử mới, từng bước" }, to: "/welcome", icon: Rocket, permission: "campaigns_run" }],
  pages: [{ path: "/welcome", load: () => import("./WelcomePage") }],
};
