import { texts } from "@/i18n";

/** Texts of the first page. */
export const homeTexts = texts({
  en: {
    home: "Home", about: "How your agents did in the last seven days, compared with the seven before, and what waits for you.", days: "The last seven days", traces: "Traces", latency: "Latency, p95", cost: "Cost", errors: "Error rate", quality: "Mean score",
    tracesOverTime: "Traces an hour", qualityOverTime: "Mean score a day", costOverTime: "Cost a day", latencyOverTime: "Latency a day, p95", noTraces: "No traces in the last seven days.", more: "More in analytics",
    campaigns: "Campaigns", noCampaigns: "No campaign has been started.",
    passRate: "{rate} passed", progress: "{done} of {total} runs", waiting: { one: "{n} waits for a person", other: "{n} wait for a person" },
    queued: "Queued", running: "Running", paused: "Paused", completed: "Completed", cancelled: "Cancelled",
    worse: "What got worse", worseText: "This week against the week before, by name.", nothingWorse: "Nothing got noticeably worse since last week.", tooFew: "There is no week before to compare with yet.",
    score: "score", errorsOf: "error rate", latencyOf: "latency, p95", costOf: "cost of a trace", from: "was {was}", samples: { one: "of {n}", other: "of {n}" }, show: "Show", why: "By release",
    review: "Waiting for a person", noReview: "Nothing waits for a person.", items: { one: "{n} item", other: "{n} items" }, runs: { one: "{n} run", other: "{n} runs" }, ofCampaign: "campaign", ofQueue: "review queue",
  },
  vi: {
    home: "Trang chủ", about: "Tác tử của bạn ra sao trong bảy ngày qua, so với bảy ngày trước đó, và những gì đang chờ bạn.", days: "Bảy ngày qua", traces: "Vết", latency: "Độ trễ, p95", cost: "Chi phí", errors: "Tỷ lệ lỗi", quality: "Điểm trung bình",
    tracesOverTime: "Số vết mỗi giờ", qualityOverTime: "Điểm trung bình mỗi ngày", costOverTime: "Chi phí mỗi ngày", latencyOverTime: "Độ trễ mỗi ngày, p95", noTraces: "Không có vết nào trong bảy ngày qua.", more: "Xem thêm trong phân tích",
    campaigns: "Chiến dịch", noCampaigns: "Chưa có chiến dịch nào được bắt đầu.",
    passRate: "{rate} đạt", progress: "{done} trên {total} lượt chạy", waiting: "{n} đang chờ người",
    queued: "Đang đợi", running: "Đang chạy", paused: "Tạm dừng", completed: "Hoàn tất", cancelled: "Đã hủy",
    worse: "Điều gì xấu đi", worseText: "Tuần này so với tuần trước, theo tên.", nothingWorse: "Không có gì xấu đi đáng kể so với tuần trước.", tooFew: "Chưa có tuần trước để so sánh.",
    score: "điểm", errorsOf: "tỷ lệ lỗi", latencyOf: "độ trễ, p95", costOf: "chi phí một vết", from: "trước là {was}", samples: "trên {n}", show: "Xem", why: "Theo bản phát hành",
    review: "Đang chờ người", noReview: "Không có gì đang chờ người.", items: "{n} mục", runs: "{n} lượt chạy", ofCampaign: "chiến dịch", ofQueue: "hàng đợi duyệt",
  },
});
