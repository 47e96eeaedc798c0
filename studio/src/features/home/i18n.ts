import { texts } from "@/i18n";

/** Texts of the first page. */
export const homeTexts = texts({
  en: {
    home: "Home", days: "The last seven days", traces: "Traces", latency: "Median time", cost: "Cost", errors: "With an error",
    tracesOverTime: "Traces a day", noTraces: "No traces in the last seven days.",
    campaigns: "Campaigns", noCampaigns: "No campaign has been started.", more: "Only the newest are shown.",
    passRate: "{rate} passed", progress: "{done} of {total} runs", waiting: { one: "{n} waits for a person", other: "{n} wait for a person" },
    queued: "Queued", running: "Running", paused: "Paused", completed: "Completed", cancelled: "Cancelled",
  },
  vi: {
    home: "Trang chủ", days: "Bảy ngày qua", traces: "Vết", latency: "Thời gian trung vị", cost: "Chi phí", errors: "Có lỗi",
    tracesOverTime: "Số vết mỗi ngày", noTraces: "Không có vết nào trong bảy ngày qua.",
    campaigns: "Chiến dịch", noCampaigns: "Chưa có chiến dịch nào được bắt đầu.", more: "Chỉ hiện các chiến dịch mới nhất.",
    passRate: "{rate} đạt", progress: "{done} trên {total} lượt chạy", waiting: "{n} đang chờ người",
    queued: "Đang đợi", running: "Đang chạy", paused: "Tạm dừng", completed: "Hoàn tất", cancelled: "Đã hủy",
  },
});
