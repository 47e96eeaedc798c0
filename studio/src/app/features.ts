import type { Feature } from "./feature";
import { account } from "@/features/account/routes";
import { agents } from "@/features/agents/routes";
import { alerts } from "@/features/alerts/routes";
import { analytics } from "@/features/analytics/routes";
import { calibrations } from "@/features/calibrations/routes";
import { campaigns } from "@/features/campaigns/routes";
import { devConsole } from "@/features/console/routes";
import { datasets } from "@/features/datasets/routes";
import { home } from "@/features/home/routes";
import { knowledge } from "@/features/knowledge/routes";
import { labels } from "@/features/labels/routes";
import { metrics } from "@/features/metrics/routes";
import { models } from "@/features/models/routes";
import { onboarding } from "@/features/onboarding/routes";
import { online } from "@/features/online/routes";
import { personas } from "@/features/personas/routes";
import { playground } from "@/features/playground/routes";
import { programs } from "@/features/programs/routes";
import { prompts } from "@/features/prompts/routes";
import { review } from "@/features/review/routes";
import { runs } from "@/features/runs/routes";
import { scenarios } from "@/features/scenarios/routes";
import { secrets } from "@/features/secrets/routes";
import { sessions } from "@/features/sessions/routes";
import { settings } from "@/features/settings/routes";
import { traces } from "@/features/traces/routes";
import { users } from "@/features/users/routes";

/** Every feature, one a line. The order within a group of the navigation is the order here. */
export const features: readonly Feature[] = [
  home,
  onboarding,
  campaigns,
  runs,
  scenarios,
  datasets,
  metrics,
  review,
  labels,
  calibrations,
  traces,
  sessions,
  users,
  devConsole,
  analytics,
  online,
  alerts,
  agents,
  models,
  personas,
  prompts,
  playground,
  knowledge,
  programs,
  secrets,
  settings,
  account,
];
