import type { Feature } from "./feature";
import { account } from "@/features/account/routes";
import { agents } from "@/features/agents/routes";
import { calibrations } from "@/features/calibrations/routes";
import { home } from "@/features/home/routes";
import { labels } from "@/features/labels/routes";
import { onboarding } from "@/features/onboarding/routes";
import { review } from "@/features/review/routes";
import { settings } from "@/features/settings/routes";

/** Every feature, one a line. The order within a group of the navigation is the order here. */
export const features: readonly Feature[] = [
  home,
  agents,
  review,
  labels,
  calibrations,
  settings,
  onboarding,
  account,
];
