import { texts } from "@/i18n";

/** Texts of what can be done with traces. */
export const actionTexts = texts({
  en: {
    addToDataset: "Add to dataset", addToQueue: "Add to review queue", dataset: "Dataset", queue: "Review queue", chooseDataset: "Find a dataset", chooseQueue: "Find a queue",
    noDatasets: "There is no dataset yet. Make one under Datasets first.", noQueues: "There is no review queue yet. Make one under Review first.",
    datasetText: { one: "The item can be changed before it is added.", other: "{n} items are made of what went in and came out of each." },
    inputField: "Input", expected: "Expected output", expectedHint: "The reference for the answer. Change it where the answer was wrong.", withHistory: { one: "Keep {n} message before it as its history", other: "Keep {n} messages before it as its history" }, withExpected: "What came out is the expected output", split: "Split", splitHint: "train or test, say; may be empty",
    add: "Add", cancel: "Cancel", close: "Close", addedItems: { one: "{n} item is in {name}", other: "{n} items are in {name}" }, updatedItems: { one: "{n} item of {name} is replaced", other: "{n} items of {name} are replaced" },
    priority: "Priority", priorityHint: "The higher comes first.", queued: { one: "{n} item is in {name}", other: "{n} items are in {name}" }, wasQueued: "It was in {name} already",
        share: "Share", shareTitle: "Public links", shareText: "Whoever has a link reads this one trace without an account: what happened, when, and what it took.", payloads: "Show what went in and came out", expires: "Works for", day: "One day", week: "A week", month: "30 days", never: "Until it is revoked", note: "Note", noteHint: "For those who see this list.", makeLink: "Make a link", link: "The link", linkOnce: "Copy it now: it is shown once.", copyLink: "Copy the link",
    links: "Links", noLinks: "There are no links.", revoke: "Revoke", revoked: "Revoked", active: "Works", expired: "Expired", until: "until {when}", withPayloads: "with input and output", withoutPayloads: "without input and output", linkRevoked: "The link does not work any more",
    failed: "This did not work",
  },
  vi: {
    addToDataset: "Thêm vào tập dữ liệu", addToQueue: "Thêm vào hàng đợi duyệt", dataset: "Tập dữ liệu", queue: "Hàng đợi duyệt", chooseDataset: "Tìm tập dữ liệu", chooseQueue: "Tìm hàng đợi",
    noDatasets: "Chưa có tập dữ liệu nào. Hãy tạo một tập trước.", noQueues: "Chưa có hàng đợi duyệt nào. Hãy tạo một hàng đợi trước.",
    datasetText: { other: "{n} mục được tạo từ đầu vào và đầu ra." },
    inputField: "Đầu vào", expected: "Đầu ra mong đợi", expectedHint: "Câu trả lời chuẩn. Hãy sửa nếu câu trả lời sai.", withHistory: "Giữ {n} tin nhắn trước đó làm lịch sử", withExpected: "Đầu ra thực tế là đầu ra mong đợi", split: "Phần", splitHint: "ví dụ train hoặc test; có thể để trống",
    add: "Thêm", cancel: "Hủy", close: "Đóng", addedItems: "Đã thêm {n} mục vào {name}", updatedItems: "Đã thay {n} mục trong {name}",
    priority: "Ưu tiên", priorityHint: "Số lớn hơn được xem trước.", queued: "Đã thêm {n} mục vào {name}", wasQueued: "Đã có trong {name}",
        share: "Chia sẻ", shareTitle: "Liên kết công khai", shareText: "Ai có liên kết đều đọc được vết này mà không cần tài khoản: điều gì đã xảy ra, khi nào, và tốn bao nhiêu.", payloads: "Hiện đầu vào và đầu ra", expires: "Có hiệu lực", day: "Một ngày", week: "Một tuần", month: "30 ngày", never: "Đến khi bị thu hồi", note: "Ghi chú", noteHint: "Cho những ai xem danh sách này.", makeLink: "Tạo liên kết", link: "Liên kết", linkOnce: "Hãy sao chép ngay: chỉ hiện một lần.", copyLink: "Sao chép liên kết",
    links: "Các liên kết", noLinks: "Chưa có liên kết nào.", revoke: "Thu hồi", revoked: "Đã thu hồi", active: "Đang hoạt động", expired: "Hết hạn", until: "đến {when}", withPayloads: "có đầu vào và đầu ra", withoutPayloads: "không có đầu vào và đầu ra", linkRevoked: "Liên kết không còn dùng được",
    failed: "Không thực hiện được",
  },
});
