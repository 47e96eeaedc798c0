import type { Permission } from "@/api/client";
import type { PageEntry } from "./feature";
import { features } from "./features";

const commands = features.flatMap((feature) => feature.commands ?? []);
const entries = features.flatMap((feature) => feature.nav ?? []);

/** What a page asks of who opens it: nothing is asked of the server that would be refused. */
export function neededFor({ path, permission }: PageEntry): Permission | undefined {
  const above = entries.filter(({ to }) => to !== "/" && (path === to || path.startsWith(`${to}/`))).sort((a, b) => b.to.length - a.to.length);
  return permission ?? commands.find(({ to }) => to === path)?.permission ?? above[0]?.permission;
}
