import type { Schemas, Written } from "@/api/client";
import type { ResourceKind } from "@/resource/kind";

/** A knowledge base as the API shows it. */
export type KnowledgeBase = Schemas["KnowledgeBase"];
/** A knowledge base as it is written. */
export type KnowledgeBaseSpec = Written<Schemas["KnowledgeBaseSpec"], "name">;
/** What is known of a document. */
export type Document = Schemas["Document"];
/** What is known of a document, as it is written. */
export type DocumentSpec = Written<Schemas["DocumentSpec"], "name" | "media_type">;

/** What the resource kit needs to know of knowledge bases. */
export const knowledgeKind: ResourceKind<KnowledgeBase> = {
  kind: "knowledge-bases",
  path: "/knowledge",
  title: { en: "Knowledge bases", vi: "Cơ sở tri thức" },
  create: { en: "New knowledge base", vi: "Cơ sở tri thức mới" },
  empty: {
    en: "A knowledge base lists the documents that an agent answers from: where each was found, its type, size and checksum.",
    vi: "Cơ sở tri thức liệt kê các tài liệu mà tác tử dựa vào để trả lời: nguồn, loại, kích thước và mã kiểm tra của từng tài liệu.",
  },
  read: "resources_read",
  write: "resources_write",
  versions: false,
  readOnly: ["document_count"],
};

/** Documents are a kind of their own below each knowledge base. */
export const documentKind = (base: string): ResourceKind<Document> => ({
  kind: `knowledge-bases/${encodeURIComponent(base)}/documents`,
  path: `/knowledge/${encodeURIComponent(base)}`,
  title: { en: "Documents", vi: "Tài liệu" },
  create: { en: "Add a document", vi: "Thêm tài liệu" },
  empty: {
    en: "Choose files, or describe a document by hand. Only what is known of a document is kept here; its contents stay where they are.",
    vi: "Chọn tệp, hoặc mô tả tài liệu bằng tay. Ở đây chỉ lưu thông tin về tài liệu; nội dung vẫn ở nguyên chỗ.",
  },
  read: "resources_read",
  write: "resources_write",
  versions: false,
});

const TYPES: Record<string, string> = {
  md: "text/markdown", txt: "text/plain", csv: "text/csv", json: "application/json", jsonl: "application/jsonl", yaml: "application/yaml", yml: "application/yaml",
  pdf: "application/pdf", html: "text/html", htm: "text/html", docx: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
};

/** The media type of a file: what the browser says, or what the ending of its name does. */
export const mediaType = (name: string, told: string) => told || TYPES[/\.([^.]+)$/.exec(name)?.[1]?.toLowerCase() ?? ""] || "application/octet-stream";

/** Bytes as hexadecimal digits. */
export const hex = (bytes: ArrayBuffer) => [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, "0")).join("");

/** What is known of a file without sending it. The checksum needs a secure page. */
export async function describe(file: File): Promise<DocumentSpec> {
  const sum = globalThis.crypto?.subtle ? hex(await crypto.subtle.digest("SHA-256", await file.arrayBuffer())) : null;
  return { name: file.name.slice(0, 200), media_type: mediaType(file.name, file.type), size: file.size, ...(sum ? { sha256: sum } : {}) };
}
