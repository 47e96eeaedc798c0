import { texts } from "@/i18n";

/** Texts of lists, forms and versions of resources. */
export const resourceTexts = texts({
  en: {
    search: "Search name and description", name: "Name", description: "Description", updated: "Changed", created: "Made", version: "Version",
    delete: "Delete", edit: "Edit", save: "Save", create: "Create", cancel: "Cancel", discard: "Discard changes",
    deleted: { one: "{n} deleted", other: "{n} deleted" }, restored: { one: "{n} restored", other: "{n} restored" },
    restoredSome: "{done} of {n} restored. A name may be taken by now.",
    failed: "This did not work", saved: "Saved as version {n}", createdToast: "{name} is there",
    showDeleted: "Trash", restore: "Restore", restoreOne: "Restore {name}", deletedAt: "Deleted", deletedBy: "By", noneDeleted: "Nothing is deleted", noneDeletedText: "What is deleted can be brought back from here.",
    you: "you", unknownPerson: "Somebody ({id})",
    noMatch: "Nothing matches", noMatchText: "No name or description has these words.", clear: "Clear the search",
    conflict: "Somebody else has changed this meanwhile. Load what they saved, and make your change again.", reload: "Load it",
    fix: "Some fields are wrong. They are marked.",
    versions: "Versions", latest: "Latest", compare: "Compare with", by: "by {name}", restoreVersion: "Make this the latest",
    restoredVersion: "Version {from} is now version {to}", firstVersion: "This is the first version.", changes: "Changes from version {from} to {to}",
    badJson: "This is not JSON yet. It is not sent.",
    unsaved: "There are changes that are not saved. Leave them?",
  },
  vi: {
    search: "Tìm theo tên và mô tả", name: "Tên", description: "Mô tả", updated: "Thay đổi", created: "Tạo lúc", version: "Phiên bản",
    delete: "Xóa", edit: "Sửa", save: "Lưu", create: "Tạo", cancel: "Hủy", discard: "Bỏ thay đổi",
    deleted: "Đã xóa {n}", restored: "Đã khôi phục {n}",
    restoredSome: "Đã khôi phục {done} trên {n}. Có thể tên đã được dùng.",
    failed: "Không thực hiện được", saved: "Đã lưu thành phiên bản {n}", createdToast: "Đã tạo {name}",
    showDeleted: "Thùng rác", restore: "Khôi phục", restoreOne: "Khôi phục {name}", deletedAt: "Xóa lúc", deletedBy: "Người xóa", noneDeleted: "Không có mục nào bị xóa", noneDeletedText: "Những gì đã xóa có thể được khôi phục tại đây.",
    you: "bạn", unknownPerson: "Ai đó ({id})",
    noMatch: "Không có kết quả", noMatchText: "Không có tên hay mô tả nào chứa các từ này.", clear: "Xóa tìm kiếm",
    conflict: "Người khác vừa thay đổi mục này. Hãy tải bản họ đã lưu rồi sửa lại.", reload: "Tải lại",
    fix: "Một số trường chưa đúng và đã được đánh dấu.",
    versions: "Phiên bản", latest: "Mới nhất", compare: "So sánh với", by: "bởi {name}", restoreVersion: "Đặt làm bản mới nhất",
    restoredVersion: "Phiên bản {from} nay là phiên bản {to}", firstVersion: "Đây là phiên bản đầu tiên.", changes: "Thay đổi từ phiên bản {from} đến {to}",
    badJson: "Đây chưa phải JSON và sẽ không được gửi.",
    unsaved: "Có thay đổi chưa lưu. Bỏ chúng?",
  },
});
