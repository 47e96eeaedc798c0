import type { Feature } from "./feature";
import { account } from "@/features/account/routes";
import { agents } from "@/features/agents/routes";
import { datasets } from "@/features/datasets/routes";
import { home } from "@/features/home/routes";
import { knowledge } from "@/features/knowledge/routes";
import { metrics } from "@/features/metrics/routes";
import { models } from "@/features/models/routes";
import { prompts } from "@/features/prompts/routes";
import { secrets } from "@/features/secrets/routes";

/** Every feature, one a line. The order within a group of the navigation is the order here. */
export const features: readonly Feature[] = [
  home,
  agents,
  datasets,
  metrics,
  models,
  prompts,
  knowledge,
  secrets,
  account,
];
