import { texts } from "@/i18n";

/** Texts of models. */
export const modelTexts = texts({
  en: {
    all: "All models", created: "{name} was created", provider: "Provider", model: "Model", price: "Price", address: "Address", keyColumn: "Key", stored: "stored", none: "none",
    settings: "Settings", tryIt: "Try it", talk: "Talk to it", delete: "Delete", connection: "Connection", asking: "How it is asked", limits: "Limits and price",
    name: "Name", baseUrl: "Base URL", modelId: "Model's id at its provider",
    urlOpenai: "Up to and including the version, as https://host/v1. /chat/completions is appended.",
    urlAzure: "Up to /v1, or the deployment's path with ?api-version=…", urlAnthropic: "Up to and including the version. /messages is appended.", urlGemini: "Up to and including the version. /models/… is appended.",
    apiKey: "API key", keyHint: "Stored encrypted and never shown again.", keyKept: "One is stored. Leave this empty to keep it.", keyGoes: "The stored key is removed when you save.", removeKey: "Remove the stored key", keepKey: "Keep it",
    temperature: "Temperature", temperatureHint: "0 repeats itself, as judges should. Up to 2, at Anthropic up to 1.", maxTokens: "Most tokens of an answer", maxTokensHint: "What it thinks before it answers counts as well.",
    capabilities: "What it takes of a request", capabilitiesHint: "What is not ticked is left out, which spares a refused request.",
    json_schema: "JSON Schema of the answer", logprobs: "Probabilities of tokens", seed: "Seed", timeout: "Time for an answer, in seconds", concurrency: "Questions at once",
    perMinute: "Calls a minute", perMinuteHint: "Empty: as fast as it answers.", burst: "At once after a pause",
    input: "Input, $ per million tokens", output: "Output, $ per million tokens", priceHint: "Without a price there is no cost.", inOut: "{in} in, {out} out",
    trialText: "One real call, as a judge would make it.",
  },
  vi: {
    all: "Tất cả mô hình", created: "Đã tạo {name}", provider: "Nhà cung cấp", model: "Mô hình", price: "Giá", address: "Địa chỉ", keyColumn: "Khóa", stored: "đã lưu", none: "không có",
    settings: "Thiết lập", tryIt: "Thử", talk: "Trò chuyện", delete: "Xóa", connection: "Kết nối", asking: "Cách hỏi", limits: "Giới hạn và giá",
    name: "Tên", baseUrl: "URL gốc", modelId: "Mã mô hình ở nhà cung cấp",
    urlOpenai: "Đến hết phần phiên bản, như https://host/v1. /chat/completions được nối thêm.",
    urlAzure: "Đến /v1, hoặc đường dẫn triển khai kèm ?api-version=…", urlAnthropic: "Đến hết phần phiên bản. /messages được nối thêm.", urlGemini: "Đến hết phần phiên bản. /models/… được nối thêm.",
    apiKey: "Khóa API", keyHint: "Được lưu mã hóa và không bao giờ hiện lại.", keyKept: "Đã có một khóa. Để trống để giữ nguyên.", keyGoes: "Khóa đã lưu sẽ bị xóa khi bạn lưu.", removeKey: "Xóa khóa đã lưu", keepKey: "Giữ lại",
    temperature: "Nhiệt độ", temperatureHint: "0 cho kết quả lặp lại, phù hợp khi chấm. Tối đa 2, với Anthropic tối đa 1.", maxTokens: "Số token tối đa của câu trả lời", maxTokensHint: "Phần suy nghĩ trước khi trả lời cũng được tính.",
    capabilities: "Yêu cầu có thể chứa gì", capabilitiesHint: "Mục không chọn sẽ không được gửi, tránh một yêu cầu bị từ chối.",
    json_schema: "JSON Schema của câu trả lời", logprobs: "Xác suất của token", seed: "Seed", timeout: "Thời gian trả lời, tính bằng giây", concurrency: "Số câu hỏi đồng thời",
    perMinute: "Số lần gọi mỗi phút", perMinuteHint: "Để trống: nhanh như mô hình trả lời.", burst: "Số lần liền nhau sau khi nghỉ",
    input: "Đầu vào, $ mỗi triệu token", output: "Đầu ra, $ mỗi triệu token", priceHint: "Không có giá thì không tính được chi phí.", inOut: "{in} vào, {out} ra",
    trialText: "Một lần gọi thật, như khi chấm điểm.",
  },
});
