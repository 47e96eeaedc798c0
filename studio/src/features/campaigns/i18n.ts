import { texts } from "@/i18n";

/** Texts that every page of campaigns and runs uses. */
export const commonTexts = texts({
  en: {
    queued: "Queued", running: "Running", paused: "Paused", completed: "Completed", cancelled: "Cancelled",
    waiting_for_person: "Waits for a person", passed: "Passed", failed: "Failed", error: "Error", skipped: "Skipped",
    inconclusive: "Inconclusive",
    target_unreachable: "Agent not reachable", target_timeout: "Agent too slow", target_rate_limited: "Agent says too many requests",
    target_status: "Agent answered an error", target_bad_response: "Answer not understood", target_too_large: "Answer too large",
    target_forbidden: "Address not allowed", persona: "Simulated user", metric: "Metric", scenario: "Scenario", internal: "Platform",
    gateVerdict: "Gate: {verdict}", progress: "{done} of {total} runs", failedAct: "This did not work",
    passRate: "Pass rate", cost: "Cost", duration: "Duration", runs: "Runs", agent: "Agent", agents: "Agents", dataset: "Dataset",
    scenarios: "Scenarios", personas: "Personas", judge: "Judge", metrics: "Metrics", item: "Item", score: "Score", version: "v{n}",
    campaign: "Campaign", campaigns: "Campaigns", status: "Status", started: "Started", latency: "Slowest answer", turns: "Turns",
    wholeRun: "Whole run", anyAgent: "Every agent", of: "{a} of {b}",
  },
  vi: {
    queued: "Đang đợi", running: "Đang chạy", paused: "Tạm dừng", completed: "Hoàn tất", cancelled: "Đã hủy",
    waiting_for_person: "Chờ người", passed: "Đạt", failed: "Không đạt", error: "Lỗi", skipped: "Bỏ qua",
    inconclusive: "Chưa kết luận được",
    target_unreachable: "Không gọi được tác tử", target_timeout: "Tác tử quá chậm", target_rate_limited: "Tác tử báo quá nhiều yêu cầu",
    target_status: "Tác tử trả về lỗi", target_bad_response: "Không hiểu câu trả lời", target_too_large: "Câu trả lời quá lớn",
    target_forbidden: "Địa chỉ không được phép", persona: "Người dùng mô phỏng", metric: "Chỉ số", scenario: "Kịch bản", internal: "Nền tảng",
    gateVerdict: "Cổng: {verdict}", progress: "{done} trên {total} lượt chạy", failedAct: "Không thực hiện được",
    passRate: "Tỷ lệ đạt", cost: "Chi phí", duration: "Thời lượng", runs: "Lượt chạy", agent: "Tác tử", agents: "Tác tử", dataset: "Bộ dữ liệu",
    scenarios: "Kịch bản", personas: "Chân dung", judge: "Giám khảo", metrics: "Chỉ số", item: "Mục", score: "Điểm", version: "v{n}",
    campaign: "Chiến dịch", campaigns: "Chiến dịch", status: "Trạng thái", started: "Bắt đầu", latency: "Câu trả lời chậm nhất", turns: "Lượt nói",
    wholeRun: "Cả lượt chạy", anyAgent: "Mọi tác tử", of: "{a} trên {b}",
  },
});
