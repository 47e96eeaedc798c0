import type { Schemas, Written } from "@/api/client";
import type { ResourceKind } from "@/resource/kind";

/** A dataset as the API shows it. */
export type Dataset = Schemas["Dataset"];
/** A dataset as it is written; its items have routes of their own. */
export type DatasetSpec = Written<Schemas["DatasetSpec"], "name">;
/** An item as the API shows it. */
export type Item = Schemas["DatasetItem"];
/** An item as it is written. */
export type ItemSpec = Partial<Schemas["DatasetItemInput"]>;

/** What the resource kit needs to know of datasets. */
export const datasetKind: ResourceKind<Dataset> = {
  kind: "datasets",
  path: "/datasets",
  title: { en: "Datasets", vi: "Bộ dữ liệu" },
  create: { en: "New dataset", vi: "Bộ dữ liệu mới" },
  empty: {
    en: "A dataset holds the questions and conversations that agents are tried with, and what is expected of them. Type them in, paste them from a spreadsheet, or import a file.",
    vi: "Bộ dữ liệu chứa các câu hỏi và hội thoại dùng để thử tác tử, cùng kết quả mong đợi. Hãy nhập trực tiếp, dán từ bảng tính hoặc nhập từ tệp.",
  },
  read: "resources_read",
  write: "resources_write",
  versions: true,
  readOnly: ["item_count"],
};

/** What of an item can be written back. */
export function specOfItem(item: Item | ItemSpec): ItemSpec {
  const { id: _, position: __, ...spec } = item as Item;
  return spec as ItemSpec;
}
