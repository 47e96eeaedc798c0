import { texts } from "@/i18n";

/** Texts of calibrations. */
export const calibrationTexts = texts({
  en: {
    title: "Calibrations", create: "Calibrate a judge", all: "All calibrations",
    empty: "A calibration reads from people's answers in review queues how far a judge's scores can be trusted. It needs 30 labelled scores of one metric by one judge.",
    metric: "Metric", judge: "Judge", version: "Version", labelled: "Labelled", agreement: "People agree", state: "State", made: "Made", anyMetric: "Any metric", anyState: "Any state",
    active: "Applied", replaced: "Replaced", metric_changed: "Metric has changed", judge_changed: "Judge has changed", onlyActive: "Applied ones", notActive: "Replaced ones", noMatch: "Nothing matches", clear: "Clear the filters",
    createText: "From people's answers: how often they agree with a verdict of such a confidence, and what they would have scored. It counts for scores from then on.",
    metricHint: "By its name in the campaigns.", chooseJudge: "Choose a model", schema: "Question", schemaHint: "The label schema whose answers count. Needed where people answered several.", queue: "Only this queue", coverage: "Coverage of the interval", coverageHint: "How often people's score is to lie in it.", minimum: "Fewest labelled scores", minimumHint: "20 or more.", from: "Answered from", to: "Answered before", seed: "Seed", more: "More", runs: "Judgements of each", runsHint: "As in the campaigns: a judge that is asked several times is another judge.", make: "Calibrate", made_toast: "Version {n} is there", same: "The same labels: version {n} stays", clearQueue: "All queues",
    delete: "Delete", deleteTitle: "Delete this calibration?", deleteText: "The one before it, if there is one, is applied again. This cannot be undone.", deleted: "The calibration was deleted",
    of: "Of {n} labelled scores", fittedOn: "Fitted on", heldOut: "Measured on", ties: "Ties left out", without: "Without confidence", distance: "Distance of people's score", trustText: "Verdicts with a calibrated confidence of {n} or more need nobody to look: {wrong} of {kept} were wrong, and at most {bound} are, with a chance of 90%.", noTrust: "Too few labelled scores tell from which confidence on verdicts need nobody to look.",
    reliability: "Reliability", reliabilityText: "How often people agree with verdicts of a confidence, on scores that the curves were not fitted on. On the dotted line, a confidence means what it says.", raw: "As the judge says it", calibrated: "Calibrated", confidenceX: "Confidence", agreedY: "People agree",
    scoreCurve: "From the judge's score to people's", scoreX: "Judge's score", scoreY: "People's score", noScore: "People answer yes or no here, so there is no score to expect.", confidenceCurve: "From confidence to agreement",
    worth: "What it is worth", brier: "Brier score", ece: "Calibration error", mce: "Worst bin", auroc: "AUROC", lower: "less is better", higher: "more is better", bins: "Bins", bin: "Confidence", verdicts: "Verdicts", asked: "What was asked for", none: "–",
  },
  vi: {
    title: "Hiệu chỉnh", create: "Hiệu chỉnh mô hình chấm", all: "Tất cả hiệu chỉnh",
    empty: "Hiệu chỉnh rút ra từ câu trả lời của con người trong hàng đợi xem có thể tin điểm của mô hình chấm đến đâu. Cần 30 điểm đã gán nhãn của một chỉ số do một mô hình chấm.",
    metric: "Chỉ số", judge: "Mô hình chấm", version: "Phiên bản", labelled: "Đã gán nhãn", agreement: "Con người đồng ý", state: "Trạng thái", made: "Tạo lúc", anyMetric: "Mọi chỉ số", anyState: "Mọi trạng thái",
    active: "Đang áp dụng", replaced: "Đã bị thay", metric_changed: "Chỉ số đã đổi", judge_changed: "Mô hình chấm đã đổi", onlyActive: "Đang áp dụng", notActive: "Đã bị thay", noMatch: "Không có kết quả", clear: "Bỏ bộ lọc",
    createText: "Từ câu trả lời của con người: họ đồng ý bao nhiêu lần với phán quyết ở một độ tin cậy, và họ sẽ cho điểm bao nhiêu. Có hiệu lực với các điểm từ lúc đó.",
    metricHint: "Theo tên trong các chiến dịch.", chooseJudge: "Chọn mô hình", schema: "Câu hỏi", schemaHint: "Mẫu nhãn có câu trả lời được tính. Cần khi con người trả lời nhiều mẫu.", queue: "Chỉ hàng đợi này", coverage: "Độ phủ của khoảng", coverageHint: "Điểm của con người nằm trong khoảng này bao nhiêu phần.", minimum: "Số điểm gán nhãn tối thiểu", minimumHint: "Từ 20.", from: "Trả lời từ", to: "Trả lời trước", seed: "Hạt giống", more: "Khác", runs: "Số lần chấm mỗi điểm", runsHint: "Như trong chiến dịch: mô hình được hỏi nhiều lần là một mô hình chấm khác.", make: "Hiệu chỉnh", made_toast: "Đã có phiên bản {n}", same: "Nhãn không đổi: giữ phiên bản {n}", clearQueue: "Mọi hàng đợi",
    delete: "Xóa", deleteTitle: "Xóa hiệu chỉnh này?", deleteText: "Bản trước đó, nếu có, sẽ được áp dụng lại. Không thể hoàn tác.", deleted: "Đã xóa hiệu chỉnh",
    of: "Từ {n} điểm đã gán nhãn", fittedOn: "Khớp trên", heldOut: "Đo trên", ties: "Bỏ mục hòa", without: "Không có độ tin cậy", distance: "Khoảng cách đến điểm của con người", trustText: "Phán quyết có độ tin cậy đã hiệu chỉnh từ {n} trở lên không cần ai xem: {wrong} trên {kept} sai, và nhiều nhất {bound} sai, với khả năng 90%.", noTrust: "Quá ít điểm gán nhãn để biết từ độ tin cậy nào thì không cần ai xem.",
    reliability: "Độ tin cậy thực tế", reliabilityText: "Con người đồng ý bao nhiêu lần với phán quyết ở một độ tin cậy, trên các điểm không dùng để khớp. Trên đường chấm, độ tin cậy đúng như nó nói.", raw: "Như mô hình nói", calibrated: "Đã hiệu chỉnh", confidenceX: "Độ tin cậy", agreedY: "Con người đồng ý",
    scoreCurve: "Từ điểm của mô hình đến điểm của con người", scoreX: "Điểm của mô hình", scoreY: "Điểm của con người", noScore: "Ở đây con người trả lời có hoặc không, nên không có điểm để dự đoán.", confidenceCurve: "Từ độ tin cậy đến sự đồng ý",
    worth: "Đáng giá bao nhiêu", brier: "Điểm Brier", ece: "Sai số hiệu chỉnh", mce: "Khoảng tệ nhất", auroc: "AUROC", lower: "thấp hơn thì tốt hơn", higher: "cao hơn thì tốt hơn", bins: "Các khoảng", bin: "Độ tin cậy", verdicts: "Phán quyết", asked: "Đã yêu cầu", none: "–",
  },
});
