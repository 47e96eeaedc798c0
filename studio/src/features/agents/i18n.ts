import { texts } from "@/i18n";

/** Texts of agents. */
export const agentTexts = texts({
  en: {
    protocol: "Protocol", address: "Address", model: "Model", all: "All agents", created: "{name} was created",
    pasteTitle: "Paste a URL or a curl command", pasteHint: "The form below is filled in from it. Nothing is sent anywhere.",
    pasteHere: "curl https://… -H 'Authorization: Bearer …' -d '…'", pasteRead: "Filled in from the command: {what}.", pasteFailed: "This is neither a URL nor a curl command.",
    name: "Name", description: "Description", url: "URL", urlHint: "The whole address that is posted to.",
    auth: "Credential", authNone: "None", authBearer: "Bearer token", authHeader: "In a header", header: "Header's name",
    credential: "Secret", credentialHint: "Stored encrypted and never shown again.", credentialKept: "One is stored. Leave this empty to keep it.",
    systemPrompt: "System prompt", maxTokens: "Most tokens of an answer", timeout: "Time for an answer, in seconds",
    body: "Body", bodyHint: "JSON. In its texts, {{ input }} is the user's message and {{ messages }} the conversation.",
    pointer: "Where the answer is", pointerHint: "JSON pointer to the text, such as /reply.",
    headers: "Further headers", headersHint: "{{ secrets.name }} is a secret of the workspace.",
    stream: "Answers by server-sent events", input: "Input, $ per million tokens", output: "Output, $ per million tokens",
    connection: "Connection", behaviour: "Behaviour", more: "More",
    settings: "Settings", versions: "Versions", tryIt: "Try it",
    trialText: "One real call to the agent, as a campaign would make it. It is not scored.", delete: "Delete",
  },
  vi: {
    protocol: "Giao thức", address: "Địa chỉ", model: "Mô hình", all: "Tất cả tác tử", created: "Đã tạo {name}",
    pasteTitle: "Dán URL hoặc lệnh curl", pasteHint: "Biểu mẫu bên dưới được điền từ đó. Không có gì được gửi đi.",
    pasteHere: "curl https://… -H 'Authorization: Bearer …' -d '…'", pasteRead: "Đã điền từ lệnh: {what}.", pasteFailed: "Đây không phải URL hay lệnh curl.",
    name: "Tên", description: "Mô tả", url: "URL", urlHint: "Địa chỉ đầy đủ nhận POST.",
    auth: "Thông tin xác thực", authNone: "Không có", authBearer: "Bearer token", authHeader: "Trong header", header: "Tên header",
    credential: "Bí mật", credentialHint: "Được lưu mã hóa và không bao giờ hiện lại.", credentialKept: "Đã có một bí mật. Để trống để giữ nguyên.",
    systemPrompt: "Câu lệnh hệ thống", maxTokens: "Số token tối đa của câu trả lời", timeout: "Thời gian trả lời, tính bằng giây",
    body: "Nội dung", bodyHint: "JSON. Trong chuỗi, {{ input }} là tin nhắn của người dùng và {{ messages }} là hội thoại.",
    pointer: "Vị trí câu trả lời", pointerHint: "JSON pointer đến văn bản, ví dụ /reply.",
    headers: "Các header khác", headersHint: "{{ secrets.name }} là bí mật của không gian làm việc.",
    stream: "Trả lời bằng server-sent events", input: "Đầu vào, $ mỗi triệu token", output: "Đầu ra, $ mỗi triệu token",
    connection: "Kết nối", behaviour: "Hành vi", more: "Khác",
    settings: "Thiết lập", versions: "Phiên bản", tryIt: "Thử",
    trialText: "Một lần gọi thật đến tác tử, như một chiến dịch sẽ gọi. Không chấm điểm.", delete: "Xóa",
  },
});
