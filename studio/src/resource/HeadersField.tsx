import { useQuery } from "@tanstack/react-query";
import { request } from "@/api/client";
import { useMay } from "@/api/me";
import type { Page } from "@/api/pages";
import type { ResourceForm } from "./form";
import { MapField } from "./schema/MapField";
import type { JsonSchema } from "./schema/shape";

const HEADERS: JsonSchema = { type: "object", additionalProperties: { type: "string" } };

/** Headers of a request at a pointer. Their values may name secrets of the workspace, which are offered by name. */
export function HeadersField({ form, pointer, label, hint }: {
  form: Pick<ResourceForm<never, never>, "get" | "set">;
  pointer: string;
  label: string;
  hint: string;
}) {
  const mayRead = useMay("resources_read");
  const { data = [] } = useQuery({
    queryKey: ["secrets", "list", "choice"],
    queryFn: async () => (await request<Page<{ name: string }>>("GET", "/api/v1/secrets", { query: { limit: 200, sort: "name" } })).data.data,
    enabled: mayRead,
  });
  return (
    <MapField
      schema={{ ...HEADERS, description: hint }} root={HEADERS} pointer={pointer} label={label}
      value={form.get(pointer)} onChange={(value) => form.set(pointer, value)}
      suggestions={data.flatMap(({ name }) => [`Bearer {{ secrets.${name} }}`, `{{ secrets.${name} }}`])}
    />
  );
}
