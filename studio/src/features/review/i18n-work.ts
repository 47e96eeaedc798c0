import { texts } from "@/i18n";

/** Texts of working through a queue. */
export const workTexts = texts({
  en: {
    title: "Review {name}", back: "Back to the queue", lease: "Yours for {time}", leaseOver: "Your time is over: the item may go to somebody else. You can still answer while nobody has it.", renew: "Keep it",
    answer: "Answer and next", skip: "Skip", release: "Give back", help: "Keys",
    skipTitle: "Skip this item?", skipText: "Somebody else is asked instead. Say why, so that the queue can be put right.", skipWhy: "Why", cannotTell: "I cannot tell", unclear: "The question does not fit", broken: "The content is broken",
    released: "Given back: somebody else may have it", answered: "Answered",
    none: "All done", noneText: "There is nothing left for you in this queue: everything is answered, set aside, or somebody else is at it.",
    look: "Look again", notYours: "This queue is answered by others, who are named in it.",
    goldRight: "A known item: you had {right} of {n} right.", goldAnswer: "{schema}: {value}",
    missing: "Still to be answered: {name}", last: "Before", lastMachine: "The machine said", sessionCount: { one: "{n} answered now", other: "{n} answered now" },
    keyAnswer: "Choose an answer", keyNext: "Next question", keyPrevious: "Previous question", keySubmit: "Answer and take the next item", keySkip: "Skip", keyRelease: "Give back", keyOverride: "Override the score", keyNote: "Note",
    left: "{n} waiting", releaseFirst: "You hold this item until you answer, skip it or give it back.",
  },
  vi: {
    title: "Đánh giá {name}", back: "Về hàng đợi", lease: "Của bạn trong {time}", leaseOver: "Đã hết giờ: mục này có thể được giao cho người khác. Bạn vẫn có thể trả lời khi chưa ai nhận.", renew: "Giữ tiếp",
    answer: "Trả lời và tiếp", skip: "Bỏ qua", release: "Trả lại", help: "Phím",
    skipTitle: "Bỏ qua mục này?", skipText: "Người khác sẽ được hỏi thay. Hãy nói vì sao để có thể sửa hàng đợi.", skipWhy: "Vì sao", cannotTell: "Tôi không thể biết", unclear: "Câu hỏi không phù hợp", broken: "Nội dung bị hỏng",
    released: "Đã trả lại: người khác có thể nhận", answered: "Đã trả lời",
    none: "Xong hết", noneText: "Không còn gì cho bạn trong hàng đợi này: mọi mục đã được trả lời, để riêng, hoặc đang có người làm.",
    look: "Tìm lại", notYours: "Hàng đợi này do những người khác trả lời, có tên trong đó.",
    goldRight: "Mục đã biết đáp án: bạn đúng {right} trên {n}.", goldAnswer: "{schema}: {value}",
    missing: "Còn phải trả lời: {name}", last: "Trước đó", lastMachine: "Máy cho rằng", sessionCount: "vừa trả lời {n}",
    keyAnswer: "Chọn câu trả lời", keyNext: "Câu hỏi tiếp", keyPrevious: "Câu hỏi trước", keySubmit: "Trả lời và nhận mục tiếp theo", keySkip: "Bỏ qua", keyRelease: "Trả lại", keyOverride: "Ghi đè điểm", keyNote: "Ghi chú",
    left: "{n} đang chờ", releaseFirst: "Bạn giữ mục này đến khi trả lời, bỏ qua hoặc trả lại.",
  },
});
