import { texts } from "@/i18n";

/** Texts of the settings of a queue and of what is put into it. */
export const queueFormTexts = texts({
  en: {
    new: "New review queue", created: "{name} was created", saved: "Saved", basics: "What it is", name: "Name", description: "Description",
    asked: "What is asked", schemas: "Label schemas", schemasHint: "In the order in which they are asked. A queue keeps them as they are now; they cannot be changed later.", addSchema: "Add a label schema", noSchemas: "There is no label schema yet.", newSchema: "Make one", remove: "Remove {name}", up: "Move {name} up",
    working: "Who answers, and how", perItem: "People for each item", lease: "An item is kept for, in minutes", maxSkips: "Set aside after so many skips",
    assignees: "Who may answer", assigneesHint: "Nobody chosen: everybody who may give scores.", addPerson: "Add somebody",
    showScores: "Show the machine's score before people answer", showScoresHint: "People agree more with what they see. Leave it off to measure a judge.",
    rules: "What enters by itself", enabled: "Rules put scores in", addRule: "Add a rule", ruleName: "Rule", source: "Scores of", runs: "Runs of campaigns", online: "Production (online evaluation)",
    when: "Which scores", value: "Value", low: "From", high: "To", metric: "Metric", anyMetric: "any metric", sample: "Sample, in %", campaigns: "Only these campaigns", campaignsHint: "Names or ids, one a line. Empty: all.", agents: "Only these agents", allAgents: "All agents", metrics: "Metrics that disagree", metricsHint: "Names, one a line. Empty: judgements of one score that disagree.",
    always: "Every score", score_below: "A score below", score_above: "A score above", score_between: "A score between", confidence_below: "Less sure than", error: "Metrics that ended in error", interval_crosses_threshold: "Could as well pass as fail", disagreement: "Metrics or judgements that disagree", narrow: "Narrow it down",
    addTitle: "Add items", addText: "What is in the queue already stays as it is.", from: "From", fromCampaign: "A campaign's runs", fromDataset: "A dataset's items", fromTraces: "Traces by id",
    campaign: "Campaign", dataset: "Dataset", chooseCampaign: "Choose a campaign", chooseDataset: "Choose a dataset", which: "Which runs", allRuns: "All that have ended", withMetric: "The metric whose score is judged", noMetric: "None: only the case", traceIds: "Ids of traces", traceIdsHint: "One a line.",
    priority: "Priority", priorityHint: "The higher comes first.", keepFor: "Only for", gold: "The answers are known", goldHint: "People are measured by these items. The answers below hold for every item that is added: add them one by one or in groups.",
    pick: "Pick some", pickEvery: "Take all", pickAll: "All {n}", picked: { one: "{n} picked", other: "{n} picked" }, add: { one: "Add {n} item", other: "Add {n} items" }, added: "{created} added, {existing} were there already", nothing: "There is nothing to add.", loadMore: "Load more",
    exportTitle: "Export to a dataset", exportText: "Items that are done become items of a dataset, with their labels. To export again replaces what was exported before.", expectedFrom: "Expected output from", expectedNone: "No answer", split: "Split", newDataset: "Make a dataset of this name", exported: "{created} added and {updated} replaced in the dataset", exportGone: { one: "{n} could not be exported: nothing is left of it", other: "{n} could not be exported: nothing is left of them" },
  },
  vi: {
    new: "Hàng đợi đánh giá mới", created: "Đã tạo {name}", saved: "Đã lưu", basics: "Thông tin chung", name: "Tên", description: "Mô tả",
    asked: "Câu hỏi", schemas: "Mẫu nhãn", schemasHint: "Theo thứ tự được hỏi. Hàng đợi giữ chúng như hiện tại; sau này không đổi được.", addSchema: "Thêm mẫu nhãn", noSchemas: "Chưa có mẫu nhãn nào.", newSchema: "Tạo một mẫu", remove: "Bỏ {name}", up: "Đưa {name} lên",
    working: "Ai trả lời, và thế nào", perItem: "Số người cho mỗi mục", lease: "Giữ một mục trong, tính bằng phút", maxSkips: "Để riêng sau số lần bỏ qua",
    assignees: "Ai được trả lời", assigneesHint: "Không chọn ai: mọi người được phép cho điểm.", addPerson: "Thêm người",
    showScores: "Cho xem điểm của máy trước khi trả lời", showScoresHint: "Con người dễ đồng ý với điều họ thấy. Hãy tắt khi muốn đo mô hình chấm.",
    rules: "Mục tự động vào", enabled: "Quy tắc đưa điểm vào", addRule: "Thêm quy tắc", ruleName: "Quy tắc", source: "Điểm của", runs: "Lượt chạy của chiến dịch", online: "Vận hành thật (đánh giá trực tuyến)",
    when: "Những điểm nào", value: "Giá trị", low: "Từ", high: "Đến", metric: "Chỉ số", anyMetric: "mọi chỉ số", sample: "Lấy mẫu, tính bằng %", campaigns: "Chỉ các chiến dịch này", campaignsHint: "Tên hoặc mã, mỗi dòng một. Trống: tất cả.", agents: "Chỉ các tác tử này", allAgents: "Mọi tác tử", metrics: "Các chỉ số bất đồng", metricsHint: "Tên, mỗi dòng một. Trống: các lần chấm của cùng một điểm bất đồng.",
    always: "Mọi điểm", score_below: "Điểm thấp hơn", score_above: "Điểm cao hơn", score_between: "Điểm trong khoảng", confidence_below: "Kém chắc chắn hơn", error: "Chỉ số kết thúc bằng lỗi", interval_crosses_threshold: "Có thể đạt mà cũng có thể không", disagreement: "Chỉ số hoặc lần chấm bất đồng", narrow: "Thu hẹp",
    addTitle: "Thêm mục", addText: "Những gì đã có trong hàng đợi được giữ nguyên.", from: "Từ", fromCampaign: "Lượt chạy của chiến dịch", fromDataset: "Mục của bộ dữ liệu", fromTraces: "Vết theo mã",
    campaign: "Chiến dịch", dataset: "Bộ dữ liệu", chooseCampaign: "Chọn chiến dịch", chooseDataset: "Chọn bộ dữ liệu", which: "Lượt chạy nào", allRuns: "Tất cả đã kết thúc", withMetric: "Chỉ số được xem xét", noMetric: "Không: chỉ trường hợp", traceIds: "Mã của vết", traceIdsHint: "Mỗi dòng một.",
    priority: "Ưu tiên", priorityHint: "Cao hơn thì trước.", keepFor: "Chỉ dành cho", gold: "Đã biết đáp án", goldHint: "Dùng để đo người trả lời. Đáp án bên dưới áp dụng cho mọi mục được thêm: hãy thêm từng mục hoặc từng nhóm.",
    pick: "Chọn một số", pickEvery: "Lấy tất cả", pickAll: "Cả {n}", picked: "Đã chọn {n}", add: "Thêm {n} mục", added: "Đã thêm {created}, {existing} đã có sẵn", nothing: "Không có gì để thêm.", loadMore: "Tải thêm",
    exportTitle: "Xuất sang bộ dữ liệu", exportText: "Các mục đã xong thành mục của bộ dữ liệu, kèm nhãn. Xuất lại sẽ thay những gì đã xuất trước đó.", expectedFrom: "Đầu ra mong đợi từ", expectedNone: "Không câu nào", split: "Phần", newDataset: "Tạo bộ dữ liệu với tên này", exported: "Đã thêm {created} và thay {updated} trong bộ dữ liệu", exportGone: "Không xuất được {n}: nội dung không còn",
  },
});
