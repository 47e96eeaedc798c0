import type { Permission } from "@/api/client";
import type { Both } from "@/i18n";

/** What every resource of `/api/v1/<kind>` has. */
export interface ResourceItem {
  id: string;
  name: string;
  version: number;
  created_at: string;
  updated_at: string;
  created_by: string | null;
  description?: string;
  deleted_at?: string;
}

/** What a kind of resource says of itself; the kit does the rest. */
export interface ResourceKind<Item extends ResourceItem = ResourceItem> {
  /** The segment of the API's path: `agents`. */
  kind: string;
  /** The app's path of the list: `/agents`. A detail lies below it, by id. */
  path: string;
  title: Both;
  /** `New agent` */
  create: Both;
  /** Shown while there is none: what it is good for. */
  empty: Both;
  read: Permission;
  write: Permission;
  /** Whether `/versions` and `/diff` are there. */
  versions: boolean;
  /** What the server adds and a client may not send, beside what all kinds have. */
  readOnly?: readonly (keyof Item & string)[];
}

const READ_ONLY = ["id", "version", "created_at", "created_by", "updated_at", "deleted_at", "has_credential"];

/** What of a resource can be sent back: all that is not the server's own. */
export function specOf<Item extends ResourceItem, Spec>(kind: ResourceKind<Item>, item: Item): Spec {
  const hidden = new Set<string>([...READ_ONLY, ...(kind.readOnly ?? [])]);
  return Object.fromEntries(Object.entries(item).filter(([key]) => !hidden.has(key))) as Spec;
}
