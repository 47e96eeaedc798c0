import { texts } from "@/i18n";

/** Texts of the reports of a queue. */
export const reportTexts = texts({
  en: {
    none: "Nothing to compare yet", noAgreement: "Agreement needs the same item answered by at least two people. Let two people answer each item.", noJudges: "This report needs answers to questions that can be held against scores (yes or no, numbers, labels with scores) about items that came with a metric.",
    schema: "Question", alpha: "Krippendorff's alpha", same: "Same answers", fleiss: "Fleiss' kappa", annotators: "People", units: "Answered", shared: "By several", pairs: "Two by two", kappa: "Cohen's kappa", weighted: "Weighted", both: "Both answered", interval: "{level} interval: {low} to {high}",
    almost: "almost perfect", substantial: "substantial", moderate: "moderate", fair: "fair", slight: "slight", poor: "none beyond chance", undefined: "cannot be told", chartAlpha: "Agreement by question", alphaWords: "Alpha is 1 where people always agree, and 0 where they agree as chance would have it.",
    metric: "Metric", accuracy: "Same verdict", bias: "Bias", biasWords: "The judge's score less people's", sensitivity: "Lets pass what people let pass", specificity: "Fails what people fail", spearman: "Rank correlation", mae: "Mean distance of scores", items: { one: "{n} item", other: "{n} items" }, ties: { one: "{n} tie left out", other: "{n} ties left out" }, unscored: { one: "{n} without a score", other: "{n} without a score" },
    confusion: "Verdicts", judgePassed: "Judge: passed", judgeFailed: "Judge: failed", peoplePassed: "People: passed", peopleFailed: "People: failed",
    curve: "What a score is worth", curveWords: "The share of cases of such a score that people let pass. On the dotted line a score could be read as that share.", x: "Judge's score", y: "People let pass", confidence: "What the judge's confidence is worth", brier: "Brier score", ece: "Calibration error", auroc: "AUROC", fewItems: "Of few items: read it with care.", calibrate: "Calibrate this judge", level: "Confidence of intervals",
  },
  vi: {
    none: "Chưa có gì để so sánh", noAgreement: "Để tính mức đồng thuận, cùng một mục phải có ít nhất hai người trả lời. Hãy để hai người trả lời mỗi mục.", noJudges: "Báo cáo này cần câu trả lời có thể đặt cạnh điểm (có hoặc không, con số, nhãn có điểm) về các mục đi kèm một chỉ số.",
    schema: "Câu hỏi", alpha: "Alpha của Krippendorff", same: "Trả lời giống nhau", fleiss: "Kappa của Fleiss", annotators: "Số người", units: "Đã trả lời", shared: "Bởi nhiều người", pairs: "Từng cặp", kappa: "Kappa của Cohen", weighted: "Có trọng số", both: "Cả hai trả lời", interval: "Khoảng {level}: {low} đến {high}",
    almost: "gần như hoàn hảo", substantial: "đáng kể", moderate: "trung bình", fair: "tạm được", slight: "ít", poor: "không hơn ngẫu nhiên", undefined: "không xác định", chartAlpha: "Mức đồng thuận theo câu hỏi", alphaWords: "Alpha bằng 1 khi mọi người luôn đồng ý, và bằng 0 khi sự đồng ý chỉ là ngẫu nhiên.",
    metric: "Chỉ số", accuracy: "Cùng phán quyết", bias: "Độ lệch", biasWords: "Điểm của mô hình trừ điểm của con người", sensitivity: "Cho qua điều con người cho qua", specificity: "Đánh trượt điều con người đánh trượt", spearman: "Tương quan hạng", mae: "Khoảng cách điểm trung bình", items: "{n} mục", ties: "bỏ {n} mục hòa", unscored: "{n} mục không có điểm",
    confusion: "Phán quyết", judgePassed: "Máy: đạt", judgeFailed: "Máy: không đạt", peoplePassed: "Người: đạt", peopleFailed: "Người: không đạt",
    curve: "Một điểm đáng giá bao nhiêu", curveWords: "Tỷ lệ trường hợp có điểm như vậy mà con người cho qua. Trên đường chấm, điểm có thể đọc như tỷ lệ đó.", x: "Điểm của mô hình", y: "Con người cho qua", confidence: "Độ tin cậy của mô hình đáng giá bao nhiêu", brier: "Điểm Brier", ece: "Sai số hiệu chỉnh", auroc: "AUROC", fewItems: "Ít mục: hãy đọc thận trọng.", calibrate: "Hiệu chỉnh mô hình này", level: "Độ tin cậy của khoảng",
  },
});
