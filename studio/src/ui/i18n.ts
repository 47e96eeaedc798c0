import { texts } from "@/i18n";

/** Texts of the building blocks. */
export const uiTexts = texts({
  en: {
    close: "Close", cancel: "Cancel", undo: "Undo", copy: "Copy", copied: "Copied", retry: "Try again",
    loading: "Loading", emptyTitle: "Nothing here yet",
    errorTitle: "This did not work", offlineTitle: "The platform cannot be reached",
    offlineText: "Check the connection. The page tries again by itself when it is back.",
    deniedTitle: "You may not see this", deniedText: "Your role in this workspace does not allow it. Ask an owner or admin.",
    missingTitle: "There is nothing here", missingText: "It may have been deleted, or belong to another workspace.",
    requestId: "Request {id}", unknownError: "The page met data that it does not understand.",
    selectAll: "Select all", selectRow: "Select {name}", selected: { one: "{n} selected", other: "{n} selected" },
    columns: "Columns", loadingMore: "Loading more", clearSelection: "Clear the selection",
    rows: { one: "{n} row", other: "{n} rows" }, rowsMore: "{n} rows so far",
    searchJson: "Search in the JSON", matches: { one: "{n} match", other: "{n} matches" },
    expandAll: "Unfold all", collapseAll: "Fold all", items: { one: "{n} item", other: "{n} items" }, showAll: "Show all",
    noMatch: "Nothing matches", choose: "Choose", notifications: "Notifications",
    same: "Both are the same.", added: "Added", removed: "Removed",
  },
  vi: {
    close: "Đóng", cancel: "Hủy", undo: "Hoàn tác", copy: "Sao chép", copied: "Đã sao chép", retry: "Thử lại",
    loading: "Đang tải", emptyTitle: "Chưa có gì ở đây",
    errorTitle: "Không thực hiện được", offlineTitle: "Không kết nối được với nền tảng",
    offlineText: "Hãy kiểm tra kết nối. Trang sẽ tự thử lại khi có kết nối.",
    deniedTitle: "Bạn không được xem phần này", deniedText: "Vai trò của bạn trong không gian làm việc này không cho phép. Hãy hỏi chủ sở hữu hoặc quản trị viên.",
    missingTitle: "Không có gì ở đây", missingText: "Có thể mục này đã bị xóa hoặc thuộc không gian làm việc khác.",
    requestId: "Yêu cầu {id}", unknownError: "Trang gặp dữ liệu không hiểu được.",
    selectAll: "Chọn tất cả", selectRow: "Chọn {name}", selected: "Đã chọn {n}",
    columns: "Cột", loadingMore: "Đang tải thêm", clearSelection: "Bỏ chọn",
    rows: "{n} dòng", rowsMore: "{n} dòng đã tải",
    searchJson: "Tìm trong JSON", matches: "{n} kết quả",
    expandAll: "Mở tất cả", collapseAll: "Thu gọn tất cả", items: "{n} phần tử", showAll: "Hiện tất cả",
    noMatch: "Không có kết quả", choose: "Chọn", notifications: "Thông báo",
    same: "Hai bên giống nhau.", added: "Thêm", removed: "Bớt",
  },
});
