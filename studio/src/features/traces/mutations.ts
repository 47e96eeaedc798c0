import { useMutation, useQueryClient } from "@tanstack/react-query";
import { request, type Schemas } from "@/api/client";
import { useText } from "@/i18n";
import { messageOf } from "@/ui/states";
import { toast, toastError } from "@/ui/toast";
import { traceTexts } from "./i18n";
import type { Score } from "./scores";

/** Deletes traces with all that belongs to them; nothing brings them back. */
export function useDeleteTraces() {
  const t = useText(traceTexts);
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (ids: readonly string[]) => {
      if (ids.length === 1) await request("DELETE", `/api/v1/traces/${encodeURIComponent(ids[0] ?? "")}`);
      else await request("DELETE", "/api/public/traces", { body: { traceIds: ids } });
    },
    onSuccess: async (_, ids) => {
      toast(t("deleted", { n: ids.length }));
      for (const id of ids) client.removeQueries({ queryKey: ["traces", "one", id] });
      await client.invalidateQueries({ queryKey: ["traces"] });
    },
    onError: (error) => toastError(messageOf(error, t("failed"))),
  });
}

/** A score that is given: a person's, unless it says otherwise. */
export type GivenScore = Partial<Schemas["ScoreGiven"]> & Pick<Schemas["ScoreGiven"], "name" | "trace_id">;

/** Gives a score. */
export function useGiveScore() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (score: GivenScore) => request<Score>("POST", "/api/v1/scores", { body: score }),
    onSuccess: () => client.invalidateQueries({ queryKey: ["scores"] }),
  });
}
