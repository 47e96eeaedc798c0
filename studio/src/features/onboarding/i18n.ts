import { texts } from "@/i18n";

/** Texts of the first campaign. */
export const welcomeTexts = texts({
  en: {
    title: "Evaluate your first agent", intro: "Four short steps to a scored campaign: your agent, its metrics, a few cases, and go.",
    agent: "Your agent", agentText: "Paste its URL, or a curl command that calls it. The rest is read from it.", placeholder: "https://bot.example.com/v1/chat/completions\n\ncurl https://… -H 'Authorization: Bearer …' -d '{\"question\": \"Hi\"}'", notRead: "This is neither a URL nor a curl command.", sample: "Use the sample agent", sampleText: "A support bot with a few deliberate faults that comes with the platform.",
    protocol: "Protocol", model: "Model", name: "Name", secretRead: "with its credential, which is stored encrypted", secretMissing: "It has a credential that is not in the command", secret: "Secret", answerAt: "Where the answer is", answerAtHint: "JSON pointer to the text, such as /reply.",
    test: "Test it", testing: "Asking it to say hello", works: "It answers in {time}", fails: "It does not answer", again: "Test again",
    metrics: "What to look at", metricsText: "These need no model. Metrics by a judge can be added when there is one.", judge: "Judge", noJudge: "Metrics that a judge scores need a model.", addModel: "Add a model",
    latency: "Answers within", seconds: "seconds", length: "Says something, and no more than", words: "words", relevancy: "Speaks to the question", toxicity: "Is not toxic",
    cases: "Cases", casesText: "A line each: a question, and after => what the answer must have, if you like.", casesPlaceholder: "How long do refunds take? => 5 business days\nWhen are you open?\nWhere is my order A1002?", dataset: "A dataset", typed: "Typed here", chooseDataset: "Choose a dataset", count: { one: "{n} case", other: "{n} cases" }, datasetItems: "{n} cases", example: "Fill in an example",
    begin: "Begin", noneJudge: "None: without a judge", run: "Run it", running: "Starting", needAgent: "Test the agent first.", needMetric: "Choose a metric.", needCases: "Type a case, or choose a dataset.", notAnswering: "The agent did not answer its test: the runs will probably end in error.", campaign: "First look at {name}", datasetName: "First cases of {name}", failed: "This did not work", done: "Done", step: "Step {n}", startedText: "The campaign began. It goes on by itself.",
  },
  vi: {
    title: "Đánh giá tác tử đầu tiên", intro: "Bốn bước ngắn đến một chiến dịch có điểm: tác tử, chỉ số, vài trường hợp, rồi chạy.",
    agent: "Tác tử của bạn", agentText: "Dán URL, hoặc lệnh curl gọi đến nó. Phần còn lại được đọc từ đó.", placeholder: "https://bot.example.com/v1/chat/completions\n\ncurl https://… -H 'Authorization: Bearer …' -d '{\"question\": \"Xin chào\"}'", notRead: "Đây không phải URL hay lệnh curl.", sample: "Dùng tác tử mẫu", sampleText: "Bot hỗ trợ có vài lỗi cố ý, đi kèm nền tảng.",
    protocol: "Giao thức", model: "Mô hình", name: "Tên", secretRead: "kèm thông tin xác thực, được lưu mã hóa", secretMissing: "Có thông tin xác thực nhưng không nằm trong lệnh", secret: "Bí mật", answerAt: "Vị trí câu trả lời", answerAtHint: "JSON pointer đến văn bản, ví dụ /reply.",
    test: "Thử", testing: "Đang nhờ nó chào", works: "Trả lời trong {time}", fails: "Không trả lời", again: "Thử lại",
    metrics: "Xem xét điều gì", metricsText: "Các chỉ số này không cần mô hình. Có thể thêm chỉ số do mô hình chấm khi đã có mô hình.", judge: "Mô hình chấm", noJudge: "Chỉ số do mô hình chấm cần có mô hình.", addModel: "Thêm mô hình",
    latency: "Trả lời trong", seconds: "giây", length: "Có trả lời, và không quá", words: "từ", relevancy: "Đúng vào câu hỏi", toxicity: "Không độc hại",
    cases: "Trường hợp", casesText: "Mỗi dòng một: câu hỏi, và sau => là điều câu trả lời phải có, nếu muốn.", casesPlaceholder: "Hoàn tiền mất bao lâu? => 5 ngày làm việc\nKhi nào mở cửa?\nĐơn A1002 của tôi ở đâu?", dataset: "Bộ dữ liệu", typed: "Gõ tại đây", chooseDataset: "Chọn bộ dữ liệu", count: "{n} trường hợp", datasetItems: "{n} trường hợp", example: "Điền ví dụ",
    begin: "Bắt đầu", noneJudge: "Không: không cần mô hình", run: "Chạy", running: "Đang bắt đầu", needAgent: "Hãy thử tác tử trước.", needMetric: "Hãy chọn chỉ số.", needCases: "Hãy gõ một trường hợp, hoặc chọn bộ dữ liệu.", notAnswering: "Tác tử không trả lời khi thử: các lượt chạy có lẽ sẽ kết thúc bằng lỗi.", campaign: "Xem lần đầu {name}", datasetName: "Trường hợp đầu tiên của {name}", failed: "Không thực hiện được", done: "Xong", step: "Bước {n}", startedText: "Chiến dịch đã bắt đầu và tự chạy.",
  },
});
