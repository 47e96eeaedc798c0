import { type FieldId, FIELDS, textOf } from "./fields";
import type { Item } from "./kind";

/** What became of an item between two versions. */
export interface ItemDiff {
  key: string;
  change: "added" | "removed" | "changed";
  before: Item | null;
  after: Item | null;
  /** Fields that are not the same. */
  fields: FieldId[];
}

/** What differs between the items of two versions, by key; what is the same is left out. In the order of the later version. */
export function diffItems(before: readonly Item[], after: readonly Item[]): ItemDiff[] {
  const old = new Map(before.map((item) => [item.key, item]));
  const result: ItemDiff[] = [];
  for (const item of after) {
    const was = old.get(item.key);
    old.delete(item.key);
    if (!was) {
      result.push({ key: item.key, change: "added", before: null, after: item, fields: filled(item) });
      continue;
    }
    const fields = FIELDS.map((field) => field.id).filter((id) => textOf(id, was[id as keyof Item]) !== textOf(id, item[id as keyof Item]));
    if (fields.length > 0) result.push({ key: item.key, change: "changed", before: was, after: item, fields });
  }
  for (const item of old.values()) result.push({ key: item.key, change: "removed", before: item, after: null, fields: filled(item) });
  return result;
}

const filled = (item: Item): FieldId[] => FIELDS.map((field) => field.id).filter((id) => id !== "key" && textOf(id, item[id as keyof Item]) !== "");
