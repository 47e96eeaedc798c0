import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type Answer, request, type Schemas } from "@/api/client";
import { useText } from "@/i18n";
import { mergePatch } from "@/lib/merge-patch";
import { type Draft, useDraft } from "@/resource/draft";
import { messageOf } from "@/ui/states";
import { toastError } from "@/ui/toast";
import { copyOf, type Spec, written } from "../wizard/spec";
import { startsTexts } from "./i18n";

/** A hook as the API shows it. */
export type Hook = Schemas["Hook"];
/** A schedule as the API shows it. */
export type Schedule = Schemas["Schedule"];
type Kind = "hooks" | "schedules";
interface Kinds { hooks: Hook; schedules: Schedule }

const at = (kind: Kind, id: string) => `/api/v1/${kind}/${encodeURIComponent(id)}`;

/** Turns one on or off, and deletes; hooks and schedules have the same routes for it. */
export function useStartActions(kind: Kind) {
  const client = useQueryClient();
  const t = useText(startsTexts);
  const refresh = () => client.invalidateQueries({ queryKey: [kind] });
  const onError = (error: unknown) => toastError(messageOf(error, t("failed")));
  return {
    refresh,
    enable: useMutation({ mutationFn: ({ id, enabled }: { id: string; enabled: boolean }) => request("PATCH", at(kind, id), { body: { enabled } }), onSuccess: refresh, onError }),
    remove: useMutation({
      mutationFn: (id: string) => request("DELETE", at(kind, id)),
      // The list alone: the page of what is gone may still be there, and would ask for it.
      onSuccess: () => client.invalidateQueries({ queryKey: [kind], predicate: ({ queryKey }) => typeof queryKey[1] !== "string" }),
      onError,
    }),
  };
}

/** One of them, with the `ETag` that a change of it needs. */
export const useStart = <K extends Kind>(kind: K, id: string) =>
  useQuery({ queryKey: [kind, "one", id], queryFn: ({ signal }) => request<Kinds[K]>("GET", at(kind, id), { signal }) });

/** A form over one that is new, or over `stored`, of which what changed is sent. */
export function useStartDraft<K extends Kind, T extends { campaign: Spec }>(kind: K, initial: T, stored: Answer<Kinds[K]> | null, done: (saved: Kinds[K], sent: T) => void): Draft<T> {
  const client = useQueryClient();
  return useDraft<T, { answer: Answer<Kinds[K]>; sent: T }>(
    initial,
    async (value) => {
      const spec = { ...value, campaign: written(value.campaign) };
      if (!stored) return { answer: await request<Kinds[K]>("POST", `/api/v1/${kind}`, { body: spec }), sent: value };
      // Against what is stored, not what the form began with: a form leaves out what is empty.
      const before = Object.fromEntries(Object.entries(stored.data).filter(([key]) => key in value));
      const headers = stored.etag ? { "if-match": stored.etag } : undefined;
      return { answer: await request<Kinds[K]>("PATCH", at(kind, stored.data.id), { body: mergePatch(before, spec), ...(headers ? { headers } : {}) }), sent: value };
    },
    ({ answer, sent }) => {
      client.setQueryData([kind, "one", answer.data.id], answer);
      void client.invalidateQueries({ queryKey: [kind], predicate: ({ queryKey }) => queryKey[1] !== "one" });
      done(answer.data, sent);
    },
    true,
  );
}

/** The campaign of one that is stored, as the form has it. */
export const campaignOf = ({ campaign }: { campaign: Schemas["CampaignSpec"] }): Spec => copyOf(campaign, campaign.name);
