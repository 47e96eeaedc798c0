import { texts } from "@/i18n";

/** Texts of evaluation rules. */
export const ruleTexts = texts({
  en: {
    all: "All rules", settings: "Settings", queue: "What was evaluated", delete: "Delete", created: "{name} picks traces from now on",
    which: "Which traces", name: "Name", description: "Description", enabled: "Picks traces", enabledHint: "What is in its queue already goes on when it is off.", filter: "Conditions", sampling: "Share of traces, in percent", samplingHint: "Chosen by the trace's id, so that all rules of one share choose the same.", delay: "Wait, in seconds", delayHint: "How long a trace must have had nothing new.",
    how: "How they are scored", metrics: "Metrics", addMetric: "Add a metric", removeMetric: "Remove {name}", kind: "Metric", metricName: "Shown as", threshold: "Passes from", noMetrics: "No metric yet. Add at least one.", needsJudge: "needs a judge", needs: "Needs {fields}", params: "Parameters", judge: "Judge", judgeHint: "The model that judges, for metrics that need one.", chooseJudge: "Find a model", noModels: "There is no model yet. Metrics without a judge work all the same.", noJudge: "None",
    evaluator: "Evaluated by", platform: "The platform", external: "An evaluator of your own", externalHint: "Your evaluator takes traces by the API and says what became of them.",
    budget: "Budget and pace", dailyCost: "Most a day, in US dollars", dailyCalls: "Most calls of judges a day", budgetHint: "What would pass it waits until midnight UTC.", atOnce: "At once", attempts: "Tries", runs: "Judgements of each", combine: "Combined by", mean: "Mean", median: "Median",
    state: "State", sampled: "Share", on: "On", off: "Off", paused: "Paused", spent: "Spent today", calls: { one: "{n} call", other: "{n} calls" }, waitingNow: "Waiting",
    waiting: "Waiting", ready: "Ready", leased: "Under way", done: "Done", failed: "Failed", skipped: "Skipped", allStates: "All states", trace: "Trace", reason: "Reason", tries: "Tries", changed: "Changed", oldest: "oldest {when}",
    retry: "Evaluate again", retryText: "What came to an end in these states is evaluated again; new scores take the place of the old ones. Judges cost money.", states: "States", requeued: { one: "{n} trace is evaluated again", other: "{n} traces are evaluated again" }, retryOne: "Evaluate this trace again",
    backfill: "Evaluate older traces", backfillText: "Traces that are there already, the newest first. What the rule picked before is not picked again.", from: "From", to: "To", most: "At most", start: "Start", matched: "{enqueued} of {matched} traces are in the queue", cancel: "Cancel",
    emptyQueue: "Nothing was picked yet. Traces appear here as they come in, or take older ones.", nothing: "Nothing is in this state.", failedText: "This did not work", queueText: "What came to an end is kept for 30 days.",
  },
  vi: {
    all: "Tất cả quy tắc", settings: "Cài đặt", queue: "Đã đánh giá", delete: "Xóa", created: "{name} bắt đầu chọn vết từ bây giờ",
    which: "Những vết nào", name: "Tên", description: "Mô tả", enabled: "Đang chọn vết", enabledHint: "Những gì đã ở trong hàng đợi vẫn tiếp tục khi tắt.", filter: "Điều kiện", sampling: "Tỷ lệ vết, phần trăm", samplingHint: "Chọn theo mã vết, nên các quy tắc cùng tỷ lệ chọn cùng những vết.", delay: "Chờ, giây", delayHint: "Vết phải không có gì mới trong khoảng này.",
    how: "Cách chấm điểm", metrics: "Chỉ số", addMetric: "Thêm chỉ số", removeMetric: "Bỏ {name}", kind: "Chỉ số", metricName: "Hiển thị là", threshold: "Đạt từ", noMetrics: "Chưa có chỉ số nào. Hãy thêm ít nhất một.", needsJudge: "cần giám khảo", needs: "Cần {fields}", params: "Tham số", judge: "Giám khảo", judgeHint: "Mô hình chấm điểm, cho các chỉ số cần đến.", chooseJudge: "Tìm mô hình", noModels: "Chưa có mô hình nào. Các chỉ số không cần giám khảo vẫn hoạt động.", noJudge: "Không có",
    evaluator: "Được đánh giá bởi", platform: "Nền tảng", external: "Bộ đánh giá của bạn", externalHint: "Bộ đánh giá của bạn lấy vết qua API và báo lại kết quả.",
    budget: "Ngân sách và tốc độ", dailyCost: "Tối đa mỗi ngày, đô la Mỹ", dailyCalls: "Số lượt gọi giám khảo tối đa mỗi ngày", budgetHint: "Phần vượt quá sẽ chờ đến nửa đêm UTC.", atOnce: "Cùng lúc", attempts: "Số lần thử", runs: "Số lần chấm mỗi vết", combine: "Gộp bằng", mean: "Trung bình", median: "Trung vị",
    state: "Trạng thái", sampled: "Tỷ lệ", on: "Bật", off: "Tắt", paused: "Tạm dừng", spent: "Đã chi hôm nay", calls: "{n} lượt gọi", waitingNow: "Đang chờ",
    waiting: "Đang chờ", ready: "Sẵn sàng", leased: "Đang thực hiện", done: "Xong", failed: "Thất bại", skipped: "Bỏ qua", allStates: "Mọi trạng thái", trace: "Vết", reason: "Lý do", tries: "Số lần thử", changed: "Thay đổi", oldest: "cũ nhất {when}",
    retry: "Đánh giá lại", retryText: "Những gì đã kết thúc ở các trạng thái này được đánh giá lại; điểm mới thay điểm cũ. Giám khảo tốn tiền.", states: "Trạng thái", requeued: "{n} vết được đánh giá lại", retryOne: "Đánh giá lại vết này",
    backfill: "Đánh giá vết cũ", backfillText: "Các vết đã có, mới nhất trước. Vết mà quy tắc đã chọn sẽ không được chọn lại.", from: "Từ", to: "Đến", most: "Nhiều nhất", start: "Bắt đầu", matched: "{enqueued} trên {matched} vết đã vào hàng đợi", cancel: "Hủy",
    emptyQueue: "Chưa chọn vết nào. Vết sẽ hiện ở đây khi đến, hoặc hãy lấy các vết cũ.", nothing: "Không có gì ở trạng thái này.", failedText: "Không thực hiện được", queueText: "Những gì đã kết thúc được giữ 30 ngày.",
  },
});
