import { texts } from "@/i18n";

/** Texts of prompts. */
export const promptTexts = texts({
  en: {
    all: "All prompts", created: "{name} was created", type: "Kind", text: "Text", chat: "Chat", labels: "Labels", variables: "Variables", tags: "Tags", tagsHint: "Separated by commas.",
    prompt: "Prompt", preview: "Fill in", versions: "Versions", delete: "Delete", name: "Name", nameHint: "Your code asks for it by this name.", description: "Description", config: "Settings of the model", configHint: "A JSON object that goes with the prompt: model, temperature.",
    commit: "What changed", commitHint: "Shown with the version.", about: "About", contents: "Contents", variablesHint: "Names in double braces are filled in by your code.", braces: "Variables: {names}", none: "No variables yet.",
    role: "Role", message: "Message {n}", place: "Place for messages", placeName: "Name of the place", addMessage: "Add a message", addPlace: "Add a place for messages", remove: "Remove message {n}", up: "Move message {n} up", down: "Move message {n} down",
    system: "system", user: "user", assistant: "assistant", otherRole: "Another role",
    noVariables: "This prompt has no variables: it is sent as it is written.", filled: "As it is sent", missing: "{n} without a value", copy: "Copy the filled-in prompt", messagesHere: "Messages of the caller: {name}",
    version: "Version", latest: "latest", changes: "From version {from} to {to}", first: "This is the first version.", compare: "Compare with", makeLatest: "Make this the latest", restored: "Version {from} is now version {to}",
    addLabel: "Add a label", removeLabel: "Remove the label {label}", moved: "{label} names version {n}", removedLabel: "{label} was removed", labelTitle: "Label version {n}", labelText: "A label names one version at a time: it leaves the one before. Your code gets this version from then on.", label: "Label", labelHint: "Lower-case letters, digits, _, - and .", moveHere: "Move it here", cancel: "Cancel", at: "now at version {n}",
    contentsSame: "The contents are the same.", rest: "Settings and description", more: "Show more", failed: "This did not work", inCode: "In your code", inPlayground: "Open in playground", versionInPlayground: "Open version {n} in playground", inCodeText: "The version that {label} names. The SDKs of Langfuse get it by the same address.",
  },
  vi: {
    all: "Tất cả câu lệnh", created: "Đã tạo {name}", type: "Loại", text: "Văn bản", chat: "Hội thoại", labels: "Nhãn", variables: "Biến", tags: "Thẻ", tagsHint: "Cách nhau bằng dấu phẩy.",
    prompt: "Câu lệnh", preview: "Điền biến", versions: "Phiên bản", delete: "Xóa", name: "Tên", nameHint: "Mã của bạn lấy câu lệnh bằng tên này.", description: "Mô tả", config: "Thiết lập mô hình", configHint: "Một đối tượng JSON đi kèm câu lệnh: mô hình, nhiệt độ.",
    commit: "Thay đổi gì", commitHint: "Hiện cùng phiên bản.", about: "Giới thiệu", contents: "Nội dung", variablesHint: "Tên trong hai dấu ngoặc nhọn do mã của bạn điền vào.", braces: "Biến: {names}", none: "Chưa có biến nào.",
    role: "Vai trò", message: "Tin nhắn {n}", place: "Chỗ cho tin nhắn", placeName: "Tên chỗ", addMessage: "Thêm tin nhắn", addPlace: "Thêm chỗ cho tin nhắn", remove: "Xóa tin nhắn {n}", up: "Chuyển tin nhắn {n} lên", down: "Chuyển tin nhắn {n} xuống",
    system: "system", user: "user", assistant: "assistant", otherRole: "Vai trò khác",
    noVariables: "Câu lệnh này không có biến: nó được gửi nguyên văn.", filled: "Khi được gửi", missing: "{n} biến chưa có giá trị", copy: "Sao chép câu lệnh đã điền", messagesHere: "Tin nhắn của bên gọi: {name}",
    version: "Phiên bản", latest: "latest", changes: "Từ phiên bản {from} đến {to}", first: "Đây là phiên bản đầu tiên.", compare: "So sánh với", makeLatest: "Đặt làm bản mới nhất", restored: "Phiên bản {from} nay là phiên bản {to}",
    addLabel: "Thêm nhãn", removeLabel: "Xóa nhãn {label}", moved: "{label} chỉ đến phiên bản {n}", removedLabel: "Đã xóa {label}", labelTitle: "Gắn nhãn phiên bản {n}", labelText: "Mỗi nhãn chỉ một phiên bản: nó rời phiên bản cũ. Từ đó mã của bạn nhận phiên bản này.", label: "Nhãn", labelHint: "Chữ thường, chữ số, _, - và .", moveHere: "Chuyển đến đây", cancel: "Hủy", at: "đang ở phiên bản {n}",
    contentsSame: "Nội dung giống nhau.", rest: "Thiết lập và mô tả", more: "Hiện thêm", failed: "Không thực hiện được", inCode: "Trong mã của bạn", inPlayground: "Mở trong sân thử", versionInPlayground: "Mở phiên bản {n} trong sân thử", inCodeText: "Phiên bản mà {label} chỉ đến. SDK của Langfuse lấy được qua cùng địa chỉ này.",
  },
});
