import { features } from "@/app/features";

/** Whether a path, in the router's notation, leads somewhere in this build of the app. */
export const leads = (path: string) => features.some((feature) => feature.pages.some((page) => page.path === path));
