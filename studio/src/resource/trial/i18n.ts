import { texts } from "@/i18n";

/** Texts of trials: one real call of what is configured. */
export const trialTexts = texts({
  en: {
    message: "Message", firstMessage: "Hello! Please answer in one short sentence.", send: "Send", test: "Test it", testAgain: "Test again",
    notStored: "One real call with what stands here. Nothing is stored by it.",
    trying: "Waiting for the answer", works: "It answers", fails: "It does not answer", noAnswer: "An empty answer",
    latency: "Time", tokens: "Tokens", cost: "Cost", answeredBy: "Answered by", inOut: "{in} in, {out} out",
  },
  vi: {
    message: "Tin nhắn", firstMessage: "Xin chào! Hãy trả lời bằng một câu ngắn.", send: "Gửi", test: "Thử", testAgain: "Thử lại",
    notStored: "Một lần gọi thật với những gì đang có ở đây. Không lưu gì cả.",
    trying: "Đang chờ câu trả lời", works: "Có trả lời", fails: "Không trả lời", noAnswer: "Câu trả lời trống",
    latency: "Thời gian", tokens: "Token", cost: "Chi phí", answeredBy: "Trả lời bởi", inOut: "{in} vào, {out} ra",
  },
});
