import { texts } from "@/i18n";

/** Texts of sessions and of end users. */
export const sessionTexts = texts({
  en: {
    sessions: "Sessions", session: "Session", users: "Users", user: "User", allSessions: "All sessions", allUsers: "All users",
    id: "Id", traces: "Traces", people: "Users", sessionsCount: "Sessions", observations: "Observations", errors: "Errors", tokens: "Tokens", cost: "Cost", environment: "Environment", first: "First seen", last: "Last seen", lasted: "Lasted",
    emptySessions: "A session is what traces with the same session id are: a conversation. Send traces with one, and it appears here.", emptyUsers: "An end user is whom traces name by a user id. Send traces with one, and they appear here.",
    nothing: "Nothing matches", nothingText: "Nothing of this time matches all filters.", clear: "Clear the filters", allTime: "Search all time",
    conversation: "Conversation", scores: "Scores", comments: "Comments", noTurns: "No trace of this session is left.", more: "More turns", openTrace: "Open the trace", noAnswer: "No answer", traceScores: "Scores of this turn",
    latency: "Latency", overview: "Overview", noTraces: "No traces of this user in this time.", deleteData: "Delete all data", deleteTitle: "Delete all traces of {name}?", deleteText: "All traces of this user, with scores and comments, are deleted in every store. This cannot be undone. Type the user's id to confirm.", confirmId: "The user's id", delete: "Delete", deleted: { one: "{n} trace deleted", other: "{n} traces deleted" }, failed: "This did not work",
    activity: "Traces a day", costs: "Cost a day", allTraces: "Show in the list of traces",
  },
  vi: {
    sessions: "Phiên", session: "Phiên", users: "Người dùng", user: "Người dùng", allSessions: "Tất cả phiên", allUsers: "Tất cả người dùng",
    id: "Mã", traces: "Vết", people: "Người dùng", sessionsCount: "Phiên", observations: "Quan sát", errors: "Lỗi", tokens: "Token", cost: "Chi phí", environment: "Môi trường", first: "Thấy lần đầu", last: "Thấy lần cuối", lasted: "Kéo dài",
    emptySessions: "Các vết có cùng mã phiên tạo thành một phiên: một cuộc trò chuyện. Gửi vết kèm mã phiên và phiên sẽ hiện ở đây.", emptyUsers: "Người dùng cuối là người mà vết nêu qua mã người dùng. Gửi vết kèm mã đó và họ sẽ hiện ở đây.",
    nothing: "Không có kết quả", nothingText: "Không có gì trong khoảng này khớp mọi bộ lọc.", clear: "Xóa bộ lọc", allTime: "Tìm mọi lúc",
    conversation: "Cuộc trò chuyện", scores: "Điểm", comments: "Bình luận", noTurns: "Không còn vết nào của phiên này.", more: "Thêm lượt", openTrace: "Mở vết", noAnswer: "Không có câu trả lời", traceScores: "Điểm của lượt này",
    latency: "Độ trễ", overview: "Tổng quan", noTraces: "Không có vết nào của người dùng này trong khoảng này.", deleteData: "Xóa mọi dữ liệu", deleteTitle: "Xóa mọi vết của {name}?", deleteText: "Mọi vết của người dùng này, cùng điểm và bình luận, bị xóa khỏi mọi kho lưu trữ. Không thể hoàn tác. Hãy gõ mã người dùng để xác nhận.", confirmId: "Mã người dùng", delete: "Xóa", deleted: "Đã xóa {n} vết", failed: "Không thực hiện được",
    activity: "Số vết mỗi ngày", costs: "Chi phí mỗi ngày", allTraces: "Xem trong danh sách vết",
  },
});
