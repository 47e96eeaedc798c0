import { texts } from "@/i18n";

/** Texts of label schemas. */
export const labelTexts = texts({
  en: {
    kind: "Answer", target: "About", all: "All label schemas", created: "{name} was created", delete: "Delete",
    name: "Name", nameHint: "Answers go by it, so keep it short: helpful.", description: "Description",
    guidelines: "Guidelines", guidelinesHint: "How to answer. Markdown; whoever answers sees it beside the question.",
    required: "Must be answered", min: "Least", max: "Greatest", step: "Step", stepHint: "Empty: any number.",
    categories: "Labels", label: "Label", meaning: "When it is right", score: "Score",
    scoreHint: "What the label is worth beside a metric's score, from 0 to 1. Without it, answers are not compared with judges.",
    ordered: "The labels stand in an order, from less to more", add: "Add a label", remove: "Remove {name}", up: "Move {name} up",
    question: "Question", answers: "Answers", preview: "As people see it", settings: "Settings", versions: "Versions",
    kept: "Queues keep the schema as it was when they were made. A change counts for new queues.",
  },
  vi: {
    kind: "Câu trả lời", target: "Về", all: "Tất cả mẫu nhãn", created: "Đã tạo {name}", delete: "Xóa",
    name: "Tên", nameHint: "Câu trả lời được gọi theo tên này, nên hãy đặt ngắn: helpful.", description: "Mô tả",
    guidelines: "Hướng dẫn", guidelinesHint: "Cách trả lời. Viết bằng Markdown; người trả lời thấy nó cạnh câu hỏi.",
    required: "Bắt buộc trả lời", min: "Nhỏ nhất", max: "Lớn nhất", step: "Bước", stepHint: "Để trống: mọi số.",
    categories: "Nhãn", label: "Nhãn", meaning: "Khi nào thì đúng", score: "Điểm",
    scoreHint: "Giá trị của nhãn khi đặt cạnh điểm của chỉ số, từ 0 đến 1. Không có thì câu trả lời không được so với mô hình chấm.",
    ordered: "Các nhãn có thứ tự, từ ít đến nhiều", add: "Thêm nhãn", remove: "Bỏ {name}", up: "Đưa {name} lên",
    question: "Câu hỏi", answers: "Câu trả lời", preview: "Như người trả lời thấy", settings: "Thiết lập", versions: "Phiên bản",
    kept: "Hàng đợi giữ mẫu nhãn như lúc hàng đợi được tạo. Thay đổi chỉ có hiệu lực với hàng đợi mới.",
  },
});
