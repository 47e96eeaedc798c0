import { useMemo } from "react";
import type { ResourceForm } from "@/resource/form";
import { SchemaControls } from "@/resource/schema/controls";
import { SchemaForm } from "@/resource/schema/SchemaForm";
import { type CatalogueEntry, paramsSchema } from "./kind";
import { PARAM_CONTROLS } from "./ResourceParam";

/** Whether a kind of metric has parameters that can be written. */
export const hasParams = (entry: CatalogueEntry) => Object.keys(paramsSchema(entry, undefined).properties ?? {}).length > 0;

/** The parameters of a metric at a pointer, as the schema of its kind has them. */
export function MetricParams({ form, entry, pointer }: { form: Pick<ResourceForm<never, never>, "get" | "set">; entry: CatalogueEntry; pointer: string }) {
  const params = form.get(pointer);
  const schema = useMemo(() => paramsSchema(entry, params), [entry, params]);
  if (!hasParams(entry)) return null;
  return (
    <SchemaControls value={PARAM_CONTROLS}>
      <SchemaForm schema={schema} value={params ?? undefined} pointer={pointer} onChange={(next) => form.set(pointer, isEmpty(next) ? undefined : next)} />
    </SchemaControls>
  );
}

const isEmpty = (value: unknown) => value !== null && typeof value === "object" && Object.keys(value).length === 0;
