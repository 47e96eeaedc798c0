import { useQuery } from "@tanstack/react-query";
import type { ComponentType } from "react";
import { request } from "@/api/client";
import type { Page } from "@/api/pages";
import { useText } from "@/i18n";
import type { SchemaControlProps } from "@/resource/schema/Group";
import { Button } from "@/ui/button";
import { Combobox } from "@/ui/combobox";
import { Field } from "@/ui/field";
import { metricTexts } from "./i18n";

interface Named {
  id: string;
  name: string;
  description?: string;
}

/** A parameter that names a resource of the workspace: one is chosen by its name. */
function ResourceParam({ kind, by, schema, value, onChange, pointer, label, required }: SchemaControlProps & { kind: string; by: "id" | "name" }) {
  const t = useText(metricTexts);
  const { data } = useQuery({
    queryKey: [kind, "list", "choice"],
    queryFn: async () => (await request<Page<Named>>("GET", `/api/v1/${kind}`, { query: { limit: 200, sort: "name" } })).data.data,
  });
  return (
    <div className="grid gap-1">
      <Field label={label} pointer={pointer} required={required ?? false} hint={schema.description}>
        <Combobox
          value={typeof value === "string" && value ? value : null}
          onChange={onChange}
          options={(data ?? []).map((one) => ({ value: one[by], label: one.name, hint: one.description }))}
        />
      </Field>
      {!required && value !== undefined && <div><Button size="sm" variant="ghost" onClick={() => onChange(undefined)}>{t("none")}</Button></div>}
    </div>
  );
}

/** The parameters of metrics that name resources. */
export const PARAM_CONTROLS: Record<string, ComponentType<SchemaControlProps>> = {
  model_id: (props) => <ResourceParam {...props} kind="models" by="id" />,
  program_id: (props) => <ResourceParam {...props} kind="programs" by="id" />,
  signing_secret: (props) => <ResourceParam {...props} kind="secrets" by="name" />,
};
