import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, request, type Schemas, unwrap } from "@/api/client";
import type { Page } from "@/api/pages";
import type { Agent, AgentSpec } from "@/features/agents/kind";
import { freeName } from "./cases";

/** An agent that was stored and tried. */
export interface Tried {
  agent: Agent;
  result: Schemas["ConnectionTest"];
}

/** Names that are taken and begin with the wanted one. */
async function takenNames(wanted: string): Promise<Set<string>> {
  const { data } = await request<Page<Agent>>("GET", "/api/v1/agents", { query: { q: wanted, limit: 200 } });
  return new Set(data.data.map((one) => one.name));
}

/**
 * Stores what was pasted and asks it something. Only a stored agent can be tried, so each try of something else replaces what the
 * try before has stored: one agent comes of it, however often somebody pastes.
 */
export function useAgent(message: string) {
  const client = useQueryClient();
  const [stored, setStored] = useState<{ agent: Agent; spec: string } | null>(null);
  const trial = useMutation({
    mutationFn: async (spec: AgentSpec): Promise<Tried> => {
      const text = JSON.stringify(spec);
      let agent = stored?.agent;
      if (!agent) {
        const name = freeName(spec.name, await takenNames(spec.name));
        agent = (await request<Agent>("POST", "/api/v1/agents", { body: { ...spec, name } })).data;
      } else if (stored?.spec !== text) {
        const wanted = spec.name === agent.name ? spec.name : freeName(spec.name, await takenNames(spec.name));
        agent = (await request<Agent>("PUT", `/api/v1/agents/${agent.id}`, { body: { ...spec, name: wanted } })).data;
      }
      setStored({ agent, spec: text });
      void client.invalidateQueries({ queryKey: ["agents"] });
      const result = await unwrap(api.POST("/api/v1/agents/{id}/test", { params: { path: { id: agent.id } }, body: { message } }));
      return { agent, result };
    },
  });
  return trial;
}
