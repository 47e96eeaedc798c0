import { texts } from "@/i18n";

/** Texts of knowledge bases and their documents. */
export const knowledgeTexts = texts({
  en: {
    all: "All knowledge bases", count: "Documents", documents: "Documents", settings: "Settings", delete: "Delete", created: "{name} was created",
    name: "Name", docNameHint: "File name or title, unique in its knowledge base.", description: "Description", tags: "Tags", tagsHint: "Separated by commas.", metadata: "Metadata", metadataHint: "A JSON object for whatever you want to keep.",
    nDocuments: { one: "{n} document", other: "{n} documents" }, search: "Search name and description", chooseFiles: "Choose files", addOne: "Add a document", edit: "Edit {name}",
    type: "Type", size: "Size", bytes: "Size in bytes", status: "Status", source: "Found at", sourceHint: "Where it was found.", checksum: "SHA-256", checksumHint: "64 hex digits of its bytes.", changed: "Changed",
    pending: "Pending", ready: "Ready", failed: "Failed", noMatch: "No document matches", clear: "Clear the search", added: { one: "{n} document added", other: "{n} documents added" }, notAdded: "{name}: {why}", notWork: "This did not work", saved: "Saved",
  },
  vi: {
    all: "Tất cả cơ sở tri thức", count: "Tài liệu", documents: "Tài liệu", settings: "Thiết lập", delete: "Xóa", created: "Đã tạo {name}",
    name: "Tên", docNameHint: "Tên tệp hoặc tiêu đề, duy nhất trong cơ sở tri thức.", description: "Mô tả", tags: "Thẻ", tagsHint: "Cách nhau bằng dấu phẩy.", metadata: "Siêu dữ liệu", metadataHint: "Một đối tượng JSON chứa những gì bạn muốn lưu.",
    nDocuments: "{n} tài liệu", search: "Tìm theo tên và mô tả", chooseFiles: "Chọn tệp", addOne: "Thêm tài liệu", edit: "Sửa {name}",
    type: "Loại", size: "Kích thước", bytes: "Kích thước theo byte", status: "Trạng thái", source: "Nguồn", sourceHint: "Nơi tìm thấy tài liệu.", checksum: "SHA-256", checksumHint: "64 chữ số hex của nội dung.", changed: "Thay đổi",
    pending: "Đang chờ", ready: "Sẵn sàng", failed: "Lỗi", noMatch: "Không có tài liệu nào khớp", clear: "Xóa tìm kiếm", added: "Đã thêm {n} tài liệu", notAdded: "{name}: {why}", notWork: "Không thực hiện được", saved: "Đã lưu",
  },
});
