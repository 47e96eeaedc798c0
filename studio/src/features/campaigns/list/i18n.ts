import { texts } from "@/i18n";

/** Texts of the list of campaigns. */
export const listTexts = texts({
  en: {
    new: "New campaign", search: "Search name and tags", name: "Name", anyStatus: "Every status", onlyOpen: "Still going on",
    anyVerdict: "Every verdict", statusFilter: "Status", verdictFilter: "Gate", progress: "Progress", passRate: "Pass rate",
    spent: "Spent", verdict: "Gate", started: "Started", took: "Took", repetitions: "Times", tags: "Tags",
    empty: "A campaign sends the items of a dataset, or scenarios, to an agent, and scores what it answers.",
    noMatch: "No campaign fits", noMatchText: "No campaign is like what these filters say.", agentFilter: "Agent", anyAgent: "Every agent",
    onlyTag: "Only those tagged {tag}", everyTag: "Not only those tagged {tag}", clear: "Clear the filters", byOne: "Of one that starts by itself", everybodys: "Whoever started them",
    compareTwo: "Compare", chooseTwo: "Choose two to compare", waiting: { one: "{n} waits for a person", other: "{n} wait for a person" },
    listTab: "All campaigns", startsTab: "Started automatically", spentTitle: "What was spent, of campaigns with a budget",
  },
  vi: {
    new: "Chiến dịch mới", search: "Tìm theo tên và nhãn", name: "Tên", anyStatus: "Mọi trạng thái", onlyOpen: "Còn đang chạy",
    anyVerdict: "Mọi kết luận", statusFilter: "Trạng thái", verdictFilter: "Cổng", progress: "Tiến độ", passRate: "Tỷ lệ đạt",
    spent: "Đã chi", verdict: "Cổng", started: "Bắt đầu", took: "Thời lượng", repetitions: "Số lần", tags: "Nhãn",
    empty: "Chiến dịch gửi các mục của bộ dữ liệu, hoặc các kịch bản, tới tác tử và chấm điểm câu trả lời.",
    noMatch: "Không có chiến dịch phù hợp", noMatchText: "Không chiến dịch nào khớp với các bộ lọc này.", agentFilter: "Tác tử", anyAgent: "Mọi tác tử",
    onlyTag: "Chỉ các chiến dịch có nhãn {tag}", everyTag: "Bỏ lọc theo nhãn {tag}", clear: "Xóa bộ lọc", byOne: "Của một mục tự động", everybodys: "Không lọc theo người bắt đầu",
    compareTwo: "So sánh", chooseTwo: "Chọn hai chiến dịch để so sánh", waiting: "{n} đang chờ người",
    listTab: "Mọi chiến dịch", startsTab: "Chạy tự động", spentTitle: "Số đã chi, với chiến dịch có ngân sách",
  },
});
