import { useMutation } from "@tanstack/react-query";
import { useMemo } from "react";
import { request, type Schemas } from "@/api/client";
import { ApiError } from "@/api/error";

export type Result = Schemas["ConnectionTest"];

/** A call of what a form holds. */
export interface Trial {
  run(): void;
  pending: boolean;
  /** How it went, as long as the form holds what was tried. */
  result: Result | null;
  error: unknown;
  /** What is wrong with fields, by their pointers in the form. */
  fields: ReadonlyMap<string, string>;
}

const NONE: ReadonlyMap<string, string> = new Map();

/** One real call of an agent or a model that is not stored, and will not be by this. What its name will be does not matter to it. */
export async function tryUnsaved(of: "agents" | "models", spec: { name?: string | undefined }, message: string): Promise<Result> {
  const named = { ...spec, name: spec.name?.trim() ? spec.name : of };
  return (await request<Result>("POST", `/api/v1/${of}/test`, { body: { spec: named, message } })).data;
}

/** Pointers within what was tried, of those within what was sent. */
export function fieldsOf(error: unknown): ReadonlyMap<string, string> {
  if (!(error instanceof ApiError)) return NONE;
  return new Map([...error.fields].map(([at, text]) => [at.replace(/^\/spec(?=\/|$)/, ""), text]));
}

/** Tries what a form holds. What was found out is forgotten once it holds something else. */
export function useTrial(of: "agents" | "models", spec: { name?: string | undefined }, message: string): Trial {
  const call = useMutation({
    mutationFn: async () => ({ of: spec, result: await tryUnsaved(of, spec, message) }),
    // What is wrong is told of what was tried, too.
    onMutate: () => ({ of: spec }),
  });
  const isOfThis = call.context?.of === spec;
  const error = isOfThis ? call.error : null;
  return {
    run: () => call.mutate(),
    pending: call.isPending,
    result: isOfThis ? call.data?.result ?? null : null,
    error,
    fields: useMemo(() => fieldsOf(error), [error]),
  };
}
