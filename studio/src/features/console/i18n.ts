import { texts } from "@/i18n";

/** Texts of what happens in runs. */
export const consoleTexts = texts({
  en: {
    title: "Dev console", intro: "What happens in a run, as it happens: what the agent thinks, does and sees.",
    chooseRun: "Choose a run", chooseCampaign: "Campaign", runLabel: "Run", orId: "Or paste the id of a run", openIt: "Watch", noRun: "Nothing is watched yet",
    noRunText: "Choose a campaign and one of its runs, or paste the id of a run. A run that has ended is told from its beginning.",
    noCampaigns: "There is no campaign yet.", newest: "Watch the newest that goes on", toRun: "Open the run", toTrace: "Trace", reconnecting: "Connecting again",
    live: "Live", ended: "Ended", follow: "Follow", raw: "All events", loop: "Thought, action, observation", wait: "Waiting for the first event",
    thought: "Thought", action: "Action", observation: "Observation", answer: "Answer", user: "User", score: "Score", step: "Step", error: "Error",
    thinking: "Thinking", skipped: "Only the newest events are told.", find: "Search in what happened", noMatch: "Nothing that happened has these words.",
    turn: "Turn {n}", kinds: "Shown", took: "took {time}", try: "try {n}", retryIn: "tries again in {time}", events: { one: "{n} event", other: "{n} events" },
    campaign_started: "Campaign started", campaign_progress: "Progress", campaign_completed: "Campaign completed", campaign_cancelled: "Campaign cancelled",
    run_started: "Run started", run_forked: "Forked", node_started: "Step begins", node_finished: "Step done", node_retried: "Tried again", node_failed: "Step failed",
    user_said: "User said", user_stopped: "User stopped", agent_asked: "Agent asked", tool_called: "Tool called", tool_answered: "Tool answered", agent_answered: "Agent answered",
    decided: "Decided", scored: "Scored", waiting: "Waiting", answered: "Answered", state_edited: "State edited", run_finished: "Run ended",
    progressText: "{done} of {total}, {rate} passed", isTruncated: "cut",
  },
  vi: {
    title: "Bảng theo dõi", intro: "Những gì xảy ra trong một lượt chạy, ngay khi xảy ra: tác tử nghĩ, làm và thấy gì.",
    chooseRun: "Chọn lượt chạy", chooseCampaign: "Chiến dịch", runLabel: "Lượt chạy", orId: "Hoặc dán mã lượt chạy", openIt: "Theo dõi", noRun: "Chưa theo dõi gì",
    noRunText: "Chọn một chiến dịch và một lượt chạy, hoặc dán mã lượt chạy. Lượt đã kết thúc được kể lại từ đầu.",
    noCampaigns: "Chưa có chiến dịch nào.", newest: "Theo dõi lượt mới nhất đang chạy", toRun: "Mở lượt chạy", toTrace: "Vết", reconnecting: "Đang kết nối lại",
    live: "Trực tiếp", ended: "Đã kết thúc", follow: "Theo dõi liên tục", raw: "Mọi sự kiện", loop: "Suy nghĩ, hành động, quan sát", wait: "Đang chờ sự kiện đầu tiên",
    thought: "Suy nghĩ", action: "Hành động", observation: "Quan sát", answer: "Trả lời", user: "Người dùng", score: "Điểm", step: "Bước", error: "Lỗi",
    thinking: "Đang nghĩ", skipped: "Chỉ kể các sự kiện mới nhất.", find: "Tìm trong những gì đã xảy ra", noMatch: "Không có sự kiện nào chứa các từ này.",
    turn: "Lượt {n}", kinds: "Hiển thị", took: "mất {time}", try: "lần thử {n}", retryIn: "thử lại sau {time}", events: "{n} sự kiện",
    campaign_started: "Chiến dịch bắt đầu", campaign_progress: "Tiến độ", campaign_completed: "Chiến dịch hoàn tất", campaign_cancelled: "Chiến dịch bị hủy",
    run_started: "Bắt đầu chạy", run_forked: "Rẽ nhánh", node_started: "Bắt đầu bước", node_finished: "Xong bước", node_retried: "Thử lại", node_failed: "Bước bị lỗi",
    user_said: "Người dùng nói", user_stopped: "Người dùng dừng", agent_asked: "Hỏi tác tử", tool_called: "Gọi công cụ", tool_answered: "Công cụ trả lời", agent_answered: "Tác tử trả lời",
    decided: "Đã chọn hướng", scored: "Chấm điểm", waiting: "Đang chờ", answered: "Đã trả lời", state_edited: "Sửa trạng thái", run_finished: "Kết thúc",
    progressText: "{done} trên {total}, {rate} đạt", isTruncated: "đã cắt",
  },
});
