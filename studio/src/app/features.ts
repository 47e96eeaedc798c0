import type { Feature } from "./feature";
import { account } from "@/features/account/routes";
import { agents } from "@/features/agents/routes";
import { campaigns } from "@/features/campaigns/routes";
import { devConsole } from "@/features/console/routes";
import { home } from "@/features/home/routes";
import { runs } from "@/features/runs/routes";
import { sessions } from "@/features/sessions/routes";
import { traces } from "@/features/traces/routes";
import { online } from "@/features/online/routes";
import { alerts } from "@/features/alerts/routes";
import { users } from "@/features/users/routes";
import { analytics } from "@/features/analytics/routes";
import { personas } from "@/features/personas/routes";
import { programs } from "@/features/programs/routes";
import { scenarios } from "@/features/scenarios/routes";
import { datasets } from "@/features/datasets/routes";
import { knowledge } from "@/features/knowledge/routes";
import { metrics } from "@/features/metrics/routes";
import { models } from "@/features/models/routes";
import { prompts } from "@/features/prompts/routes";
import { secrets } from "@/features/secrets/routes";
import { calibrations } from "@/features/calibrations/routes";
import { labels } from "@/features/labels/routes";
import { onboarding } from "@/features/onboarding/routes";
import { review } from "@/features/review/routes";
import { settings } from "@/features/settings/routes";

/** Every feature, one a line. The order within a group of the navigation is the order here. */
export const features: readonly Feature[] = [
  home,
  campaigns,
  devConsole,
  runs,
  agents,
  traces,
  sessions,
  users,
  analytics,
  online,
  alerts,
  scenarios,
  personas,
  programs,
  datasets,
  metrics,
  models,
  prompts,
  knowledge,
  secrets,
  review,
  labels,
  calibrations,
  settings,
  onboarding,
  account,
];
