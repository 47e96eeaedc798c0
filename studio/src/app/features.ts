import type { Feature } from "./feature";
import { account } from "@/features/account/routes";
import { agents } from "@/features/agents/routes";
import { home } from "@/features/home/routes";
import { personas } from "@/features/personas/routes";
import { programs } from "@/features/programs/routes";
import { scenarios } from "@/features/scenarios/routes";

/** Every feature, one a line. The order within a group of the navigation is the order here. */
export const features: readonly Feature[] = [
  home,
  agents,
  scenarios,
  personas,
  programs,
  account,
];
