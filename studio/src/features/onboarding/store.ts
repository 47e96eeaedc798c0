import { request, type Schemas } from "@/api/client";
import type { Page } from "@/api/pages";
import type { Agent, AgentSpec } from "@/features/agents/kind";
import { type Case, freeName } from "./cases";

/** Names that are taken and begin with the wanted one. */
async function takenNames(path: string, wanted: string): Promise<Set<string>> {
  const { data } = await request<Page<{ name: string }>>("GET", path, { query: { q: wanted, limit: 200 } });
  return new Set(data.data.map((one) => one.name));
}

/** Stores the agent, under a name that is free. */
export async function storeAgent(spec: AgentSpec): Promise<Agent> {
  const name = freeName(spec.name, await takenNames("/api/v1/agents", spec.name));
  return (await request<Agent>("POST", "/api/v1/agents", { body: { ...spec, name } })).data;
}

/** A dataset of the typed cases, under a name that is free; its id. */
export async function storeCases(wanted: string, items: readonly Case[]): Promise<string> {
  const name = freeName(wanted, await takenNames("/api/v1/datasets", wanted));
  const dataset = (await request<Schemas["Dataset"]>("POST", "/api/v1/datasets", { body: { name } })).data;
  await request("POST", `/api/v1/datasets/${dataset.id}/items`, { body: { items } });
  return dataset.id;
}
