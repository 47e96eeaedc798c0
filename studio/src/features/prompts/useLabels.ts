import { useMutation, useQueryClient } from "@tanstack/react-query";
import { api, unwrap } from "@/api/client";
import { useText } from "@/i18n";
import { messageOf } from "@/ui/states";
import { toast, toastError } from "@/ui/toast";
import { promptTexts } from "./i18n";
import type { Prompt } from "./kind";

/** Moves labels and takes them away; both can be undone. */
export function useLabels(prompt: Prompt) {
  const t = useText(promptTexts);
  const client = useQueryClient();
  const refresh = () => client.invalidateQueries({ queryKey: ["prompts"] });
  const put = (label: string, version: number) =>
    unwrap(api.PUT("/api/v1/prompts/{id}/labels/{label}", { params: { path: { id: prompt.id, label } }, body: { version } }));
  const drop = (label: string) => api.DELETE("/api/v1/prompts/{id}/labels/{label}", { params: { path: { id: prompt.id, label } } });
  const failed = (error: unknown) => toastError(messageOf(error, t("failed")));
  const quietly = (work: Promise<unknown>) => void work.then(refresh).catch(failed);
  const move = useMutation({
    mutationFn: ({ label, version }: { label: string; version: number }) => put(label, version),
    onSuccess: (_, { label, version }) => {
      const before = prompt.labels[label];
      toast(t("moved", { label, n: version }), { undo: () => quietly(before === undefined ? drop(label) : put(label, before)) });
      return refresh();
    },
  });
  const remove = useMutation({
    mutationFn: drop,
    onSuccess: (_, label) => {
      const before = prompt.labels[label];
      toast(t("removedLabel", { label }), before === undefined ? {} : { undo: () => quietly(put(label, before)) });
      return refresh();
    },
    onError: failed,
  });
  return { move, remove: (label: string) => remove.mutate(label) };
}
