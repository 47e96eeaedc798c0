import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { request, type Schemas } from "@/api/client";
import { useMay, useMe } from "@/api/me";
import type { Page } from "@/api/pages";
import { useText } from "@/i18n";
import { resourceTexts } from "./i18n";

/** Somebody who may answer: a member, a service account, a key. */
export interface Person {
  id: string;
  name: string;
}

const LIMIT = 200;
const first = async <T,>(path: string, signal: AbortSignal) => (await request<Page<T>>("GET", path, { query: { limit: LIMIT }, signal })).data.data;

/** Who there is, as far as the caller may see; and a name for any id. */
export function usePeople(): { people: Person[]; nameOf(id: string | null): string } {
  const t = useText(resourceTexts);
  const me = useMe();
  const mayMembers = useMay("members_read");
  const mayKeys = useMay("api_keys_manage");
  const own = me.user?.id ?? me.key?.id ?? "";
  const { data } = useQuery({
    queryKey: ["review-people", mayMembers, mayKeys],
    staleTime: 60_000,
    queryFn: async ({ signal }): Promise<Person[]> => {
      const [members, accounts, keys] = await Promise.all([
        mayMembers ? first<Schemas["Member"]>("/api/v1/members", signal) : [],
        mayKeys ? first<Schemas["ServiceAccount"]>("/api/v1/service-accounts", signal) : [],
        mayKeys ? first<Schemas["ApiKey"]>("/api/v1/api-keys", signal) : [],
      ]);
      return [
        ...members.map((one) => ({ id: one.user_id, name: one.name || one.email || one.user_id })),
        ...accounts.map(({ id, name }) => ({ id, name })),
        ...keys.filter((key) => !key.service_account_id).map(({ id, name }) => ({ id, name })),
      ];
    },
  });
  return useMemo(() => {
    const people = data ?? [];
    const names = new Map(people.map(({ id, name }) => [id, name]));
    return {
      people,
      nameOf: (id) => (id === null ? "" : id === own ? `${names.get(id) ?? me.key?.name ?? me.user?.name ?? ""} (${t("you")})`.trim() : names.get(id) ?? t("unknownPerson", { id: id.slice(-6) })),
    };
  }, [data, own, me, t]);
}
