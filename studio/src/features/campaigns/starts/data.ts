import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, request, type Schemas, unwrap } from "@/api/client";
import { useText } from "@/i18n";
import { messageOf } from "@/ui/states";
import { toastError } from "@/ui/toast";
import { copyOf, written } from "../wizard/spec";
import { startsTexts } from "./i18n";

/** Turns one on or off, and deletes; hooks and schedules have the same routes for it. */
export function useStartActions(kind: "hooks" | "schedules") {
  const client = useQueryClient();
  const t = useText(startsTexts);
  const refresh = () => client.invalidateQueries({ queryKey: [kind] });
  const onError = (error: unknown) => toastError(messageOf(error, t("failed")));
  const at = (id: string) => `/api/v1/${kind}/${encodeURIComponent(id)}`;
  return {
    refresh,
    enable: useMutation({ mutationFn: ({ id, enabled }: { id: string; enabled: boolean }) => request("PATCH", at(id), { body: { enabled } }), onSuccess: refresh, onError }),
    remove: useMutation({ mutationFn: (id: string) => request("DELETE", at(id)), onSuccess: refresh, onError }),
  };
}

/** The settings of a campaign, for others that are to be like it. */
export const useTemplate = (id: string) =>
  useQuery({
    queryKey: ["campaigns", "template", id],
    queryFn: async (): Promise<Schemas["CampaignSpecInput"]> => {
      const { spec, name } = await unwrap(api.GET("/api/v1/campaigns/{id}", { params: { path: { id } } }));
      return written(copyOf(spec, name)) as Schemas["CampaignSpecInput"];
    },
    enabled: id !== "",
  });
