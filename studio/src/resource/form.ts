import { useMemo, useRef, useState } from "react";
import { ApiError } from "@/api/error";
import { useText } from "@/i18n";
import { valueAt, withValue } from "@/lib/pointer";
import { useSave } from "./data";
import { resourceTexts } from "./i18n";
import { keptDraft, useUnsaved } from "./kept";
import type { ResourceItem, ResourceKind } from "./kind";

/** The state of a form over one document. */
export interface ResourceForm<Item extends ResourceItem, Spec> {
  value: Spec;
  /** The value at a JSON pointer. */
  get(pointer: string): unknown;
  /** A text at a pointer; empty where there is none. */
  text(pointer: string): string;
  /** Puts a value at a pointer; `undefined` takes it away. */
  set(pointer: string, value: unknown): void;
  /** Puts another document in place of all. */
  replace(value: Spec): void;
  changed: boolean;
  saving: boolean;
  /** What the server says, by pointer. */
  errors: ReadonlyMap<string, string>;
  error: unknown;
  /** Whether somebody else was faster. */
  conflict: boolean;
  /** Forgets what was typed. */
  reset(): void;
  save(done: (item: Item) => void): void;
}

/**
 * A form that creates a resource, or replaces `edited`. What the API checks is not checked a second time here: its words come
 * back and stand at their fields.
 */
export function useResourceForm<Item extends ResourceItem, Spec>(
  kind: ResourceKind<Item>,
  initial: Spec,
  edited?: { id: string; etag: string | null },
): ResourceForm<Item, Spec> {
  const t = useText(resourceTexts);
  const save = useSave<Item, Spec>(kind);
  const [draft, setDraft] = useState<Spec | null>(() => keptDraft<Spec>(kind.kind));
  const value = draft ?? initial;
  const changed = draft !== null && JSON.stringify(draft) !== JSON.stringify(initial);
  const error = save.error;
  const errors = useMemo(() => (error instanceof ApiError ? error.fields : new Map<string, string>()), [error]);
  const saved = useRef(false);
  useUnsaved(kind.kind, changed ? draft : null, t("unsaved"), saved);
  const draw = (next: Spec | ((before: Spec | null) => Spec)) => {
    save.reset();
    saved.current = false;
    setDraft(next as never);
  };
  return {
    value,
    get: (pointer) => valueAt(value, pointer),
    text: (pointer) => {
      const found = valueAt(value, pointer);
      return found === undefined || found === null ? "" : String(found);
    },
    set: (pointer, next) => draw((before) => withValue(before ?? initial, pointer, next)),
    replace: draw,
    changed,
    saving: save.isPending,
    errors,
    error,
    conflict: error instanceof ApiError && error.status === 412,
    reset: () => {
      save.reset();
      setDraft(null);
    },
    save: (done) =>
      save.mutate({ id: edited?.id, etag: edited?.etag, spec: value }, {
        onSuccess: ({ data }) => {
          saved.current = true;
          setDraft(null);
          done(data);
        },
      }),
  };
}
