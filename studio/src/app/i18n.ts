import { texts } from "@/i18n";

/** Texts of the shell. */
export const appTexts = texts({
  en: {
    skip: "Skip to content", navigation: "Navigation", openMenu: "Open the navigation",
    find: "Search", search: "Search and commands", palette: "What do you want to do?", goTo: "Go to", actions: "Actions", noCommand: "No such command",
    help: "Keyboard shortcuts", helpText: "Keys that work on this page.", everywhere: "Everywhere",
    theme: "Theme", system: "As the system", light: "Light", dark: "Dark", language: "Language",
    workspace: "Workspace", signOut: "Sign out", profile: "Profile", account: "Account",
    offline: "The platform cannot be reached. What you see may be old; it is asked again until it answers.",
    keyPair: "Key pair", apiReference: "API description",
  },
  vi: {
    skip: "Đến nội dung", navigation: "Điều hướng", openMenu: "Mở điều hướng",
    find: "Tìm kiếm", search: "Tìm kiếm và lệnh", palette: "Bạn muốn làm gì?", goTo: "Đi đến", actions: "Hành động", noCommand: "Không có lệnh này",
    help: "Phím tắt", helpText: "Các phím dùng được trên trang này.", everywhere: "Mọi nơi",
    theme: "Giao diện", system: "Theo hệ thống", light: "Sáng", dark: "Tối", language: "Ngôn ngữ",
    workspace: "Không gian làm việc", signOut: "Đăng xuất", profile: "Hồ sơ", account: "Tài khoản",
    offline: "Không kết nối được với nền tảng. Dữ liệu đang hiện có thể đã cũ; trang sẽ hỏi lại cho đến khi có trả lời.",
    keyPair: "Cặp khóa", apiReference: "Mô tả API",
  },
});
