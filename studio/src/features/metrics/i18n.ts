import { texts } from "@/i18n";

/** Texts of the catalogue and the library of metrics. */
export const metricTexts = texts({
  en: {
    all: "All metrics", catalogue: "Catalogue", catalogueText: "Every metric scores from 0 to 1, and more is better.", created: "{name} was created", kind: "Kind", kindNew: "New metric: {name}",
    find: "Find a metric", nKinds: { one: "{n} metric", other: "{n} metrics" }, anyJudge: "With or without a judge", withJudge: "Judged by a model", withoutJudge: "Computed, without a judge", noMatch: "No metric matches", clear: "Clear the filters", groups: "Groups",
    everything: "All", text: "Text", rag: "Retrieval", agent: "Agents and tools", conversation: "Conversations", safety: "Safety", own: "Your own", image: "Images", operation: "Time and cost",
    judge: "Judge", needs: "Needs", tags: "Tags", tagsHint: "Separated by commas.", library: "Library", fromCatalogue: "Choose another kind",
    name: "Name", description: "Description", threshold: "Passes from", thresholdHint: "The score at and above which a case passes. {value} when empty.", resultName: "Name in results", resultNameHint: "The kind's own name when empty.",
    about: "About", params: "Parameters", noParams: "It has no parameters.", noComponents: "The operator has composed no metric into this installation.",
    settings: "Settings", versions: "Versions", delete: "Delete", duplicate: "Duplicate", copyOf: "{name} (copy)", none: "Choose none", times: "Times", timesHint: "More than once shows how far the judge agrees with itself.",
    tryIt: "Try it", tryText: "Scores one case as it stands in the form, saved or not.", example: "Fill in an example", run: "Score it", running: "Scoring", addField: "Add a field", judgeModel: "Judge", chooseJudge: "Choose a model", noModels: "This metric is judged by a model, and there is none yet.", addModel: "Add a model",
    input: "Input", actual_output: "Actual output", expected_output: "Expected output", retrieval_context: "Retrieved", context: "Context", tools_called: "Tools called", expected_tools: "Expected tools", messages: "Messages", scenario: "Scenario", expected_outcome: "Expected outcome", user_description: "The user", chatbot_role: "The agent's role", latency_ms: "Latency in ms", cost_usd: "Cost in $", trace: "Trace",
    lines: "One a line.", json: "JSON.", wrongJson: "This is not JSON yet.", required: "needed",
    passed: "Passed", failed: "Failed", error: "Error", skipped: "Skipped", score: "Score", passesFrom: "passes from {value}", reason: "Reason", confidence: "Confidence", cost: "Cost", latency: "Time", tokens: "Tokens", inOut: "{in} in, {out} out", judgedBy: "Judged by", breakdown: "Made of", judgements: { one: "{n} judgement", other: "{n} judgements" }, judgeCalls: { one: "{n} answer of the judge", other: "{n} answers of the judge" }, reused: "reused", agreement: "agreement {value}", notAsked: "The case or the metric is wrong:",
  },
  vi: {
    all: "Tất cả chỉ số", catalogue: "Danh mục", catalogueText: "Mọi chỉ số cho điểm từ 0 đến 1, càng cao càng tốt.", created: "Đã tạo {name}", kind: "Loại", kindNew: "Chỉ số mới: {name}",
    find: "Tìm chỉ số", nKinds: "{n} chỉ số", anyJudge: "Có hoặc không có mô hình chấm", withJudge: "Do mô hình chấm", withoutJudge: "Tính toán, không cần mô hình", noMatch: "Không có chỉ số nào khớp", clear: "Xóa bộ lọc", groups: "Nhóm",
    everything: "Tất cả", text: "Văn bản", rag: "Truy xuất", agent: "Tác tử và công cụ", conversation: "Hội thoại", safety: "An toàn", own: "Tự định nghĩa", image: "Hình ảnh", operation: "Thời gian và chi phí",
    judge: "Mô hình chấm", needs: "Cần", tags: "Thẻ", tagsHint: "Cách nhau bằng dấu phẩy.", library: "Thư viện", fromCatalogue: "Chọn loại khác",
    name: "Tên", description: "Mô tả", threshold: "Đạt từ", thresholdHint: "Điểm từ mức này trở lên là đạt. Để trống thì là {value}.", resultName: "Tên trong kết quả", resultNameHint: "Để trống thì dùng tên của loại.",
    about: "Giới thiệu", params: "Tham số", noParams: "Không có tham số.", noComponents: "Người vận hành chưa đưa chỉ số nào vào bản cài đặt này.",
    settings: "Thiết lập", versions: "Phiên bản", delete: "Xóa", duplicate: "Nhân bản", copyOf: "{name} (bản sao)", none: "Không chọn", times: "Số lần", timesHint: "Chấm nhiều lần cho biết mô hình nhất quán đến đâu.",
    tryIt: "Thử", tryText: "Chấm một trường hợp theo biểu mẫu hiện tại, dù đã lưu hay chưa.", example: "Điền ví dụ", run: "Chấm điểm", running: "Đang chấm", addField: "Thêm trường", judgeModel: "Mô hình chấm", chooseJudge: "Chọn mô hình", noModels: "Chỉ số này do mô hình chấm, nhưng chưa có mô hình nào.", addModel: "Thêm mô hình",
    input: "Đầu vào", actual_output: "Đầu ra thực tế", expected_output: "Đầu ra mong đợi", retrieval_context: "Nội dung truy xuất", context: "Ngữ cảnh", tools_called: "Công cụ đã gọi", expected_tools: "Công cụ mong đợi", messages: "Tin nhắn", scenario: "Kịch bản", expected_outcome: "Kết quả mong đợi", user_description: "Người dùng", chatbot_role: "Vai trò của tác tử", latency_ms: "Độ trễ (ms)", cost_usd: "Chi phí ($)", trace: "Vết",
    lines: "Mỗi dòng một giá trị.", json: "JSON.", wrongJson: "Đây chưa phải JSON.", required: "bắt buộc",
    passed: "Đạt", failed: "Không đạt", error: "Lỗi", skipped: "Bỏ qua", score: "Điểm", passesFrom: "đạt từ {value}", reason: "Lý do", confidence: "Độ tin cậy", cost: "Chi phí", latency: "Thời gian", tokens: "Token", inOut: "{in} vào, {out} ra", judgedBy: "Chấm bởi", breakdown: "Gồm", judgements: "{n} lần chấm", judgeCalls: "{n} câu trả lời của mô hình chấm", reused: "dùng lại", agreement: "đồng thuận {value}", notAsked: "Trường hợp hoặc chỉ số chưa đúng:",
  },
});
