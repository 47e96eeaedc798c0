import { texts } from "@/i18n";

/** Texts of the page of aggregates. */
export const analyticsTexts = texts({
  en: {
    analytics: "Analytics", overview: "Overview", explore: "Explore", splitBy: "Split by", nothing: "Nothing", whole: "All", step: "Step", auto: "As fits", minute: "Minute", hour: "Hour", day: "Day", week: "Week", month: "Month",
    environment: "Environment", name: "Name", model: "Model", release: "Release", version: "Version", tags: "Tags", user: "User",
    volume: "Traces", calls: "Calls of models", errors: "Error rate", latency: "Latency", p50: "Median latency", p95: "Latency, p95", cost: "Cost", quality: "Quality", tokens: "Tokens", score: "Score", allScores: "All scores",
    left: { one: "{n} more is not drawn", other: "{n} more are not drawn" }, empty: "Nothing in this time.", noScores: "No scores in this time. Evaluation rules give them to traces as they come in.", makeRule: "Evaluation rules",
    before: "{was} in the time before", better: "better", worse: "worse",
    view: "Of what", traces: "Traces", observations: "Observations", "scores-numeric": "Scores that are numbers", "scores-categorical": "Scores that are categories", measure: "Measure", aggregation: "Aggregation", dimension: "By", second: "And by", none: "–", overTime: "Over time", total: "In all", filter: "Conditions", truncated: "Only the first rows are shown.", table: "Rows", time: "Time",   },
  vi: {
    analytics: "Phân tích", overview: "Tổng quan", explore: "Khám phá", splitBy: "Chia theo", nothing: "Không chia", whole: "Tất cả", step: "Bước", auto: "Tự chọn", minute: "Phút", hour: "Giờ", day: "Ngày", week: "Tuần", month: "Tháng",
    environment: "Môi trường", name: "Tên", model: "Mô hình", release: "Bản phát hành", version: "Phiên bản", tags: "Thẻ", user: "Người dùng",
    volume: "Số vết", calls: "Lượt gọi mô hình", errors: "Tỷ lệ lỗi", latency: "Độ trễ", p50: "Độ trễ trung vị", p95: "Độ trễ, p95", cost: "Chi phí", quality: "Chất lượng", tokens: "Token", score: "Điểm", allScores: "Mọi loại điểm",
    left: "Còn {n} mục không được vẽ", empty: "Không có gì trong khoảng này.", noScores: "Không có điểm nào trong khoảng này. Quy tắc đánh giá cho điểm các vết ngay khi chúng đến.", makeRule: "Quy tắc đánh giá",
    before: "{was} ở khoảng trước", better: "tốt hơn", worse: "xấu hơn",
    view: "Đối tượng", traces: "Vết", observations: "Quan sát", "scores-numeric": "Điểm là số", "scores-categorical": "Điểm là phân loại", measure: "Đại lượng", aggregation: "Cách gộp", dimension: "Theo", second: "Và theo", none: "–", overTime: "Theo thời gian", total: "Tổng cộng", filter: "Điều kiện", truncated: "Chỉ hiện các dòng đầu tiên.", table: "Các dòng", time: "Thời điểm",   },
});
