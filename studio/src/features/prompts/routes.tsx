import { MessageSquareText } from "lucide-react";
import type { Feature } from "@/app/feature";

/** Prompts with their versions and labels. */
export const prompts: Feature = {
  nav: [{ group: "build", title: { en: "Prompts", vi: "Câu lệnh" }, to: "/prompts", icon: MessageSquareText, permission: "resources_read", key: "p" }],
  commands: [{ title: { en: "New prompt", vi: "Câu lệnh mới" }, to: "/prompts/new", icon: MessageSquareText, permission: "resources_write" }],
  pages: [
    { path: "/prompts", load: () => import("./PromptsPage") },
    { path: "/prompts/new", load: () => import("./NewPromptPage") },
    { path: "/prompts/$id", load: () => import("./PromptPage") },
  ],
};
