import { texts } from "@/i18n";

/** Texts of the tools that an agent is offered. */
export const toolTexts = texts({
  en: {
    tools: "Tools", toolsText: "Functions that the model is offered and that the platform runs when it asks for them.", noTools: "No tools yet.",
    addTool: "Add a tool", removeTool: "Remove {name}", toolN: "Tool {n}", name: "Name", nameHint: "Letters, digits, - and _.", description: "Description", descriptionHint: "What it is for, as the model is told.",
    parameters: "Parameters", parametersHint: "JSON Schema of an object. Leave it empty for a tool without arguments.",
    does: "When it is called", mock: "Always answer the same", fail: "Fail", http: "Call an address",
    output: "Answer", outputAs: "Answer as", asText: "Text", asJson: "JSON", outputJsonHint: "Any JSON. Empty is null.", message: "What the model is told", url: "URL", method: "Method",
    timeout: "Time for one call, in seconds", headers: "Headers", headersHint: "{braces} is a secret of the workspace.",
    steps: "Most rounds of tools in one answer",
    servers: "MCP servers", serversText: "The model is offered their tools as well. They speak Model Context Protocol over Streamable HTTP.", noServers: "No servers yet.",
    addServer: "Add a server", serverN: "Server {n}", serverUrl: "The server's address", allowed: "Tools that are offered", allowedHint: "One name a line; all of the server's when empty.", requestTimeout: "Time for one request, in seconds",
    notForKind: "An agent of this protocol runs its tools itself. Remove these, or choose another protocol.",
    version: "Version of A2A",
  },
  vi: {
    tools: "Công cụ", toolsText: "Các hàm được đưa cho mô hình và do nền tảng chạy khi mô hình yêu cầu.", noTools: "Chưa có công cụ nào.",
    addTool: "Thêm công cụ", removeTool: "Bỏ {name}", toolN: "Công cụ {n}", name: "Tên", nameHint: "Chữ cái, chữ số, - và _.", description: "Mô tả", descriptionHint: "Công dụng, như mô hình được biết.",
    parameters: "Tham số", parametersHint: "JSON Schema của một đối tượng. Để trống nếu công cụ không có tham số.",
    does: "Khi được gọi", mock: "Luôn trả lời như nhau", fail: "Báo lỗi", http: "Gọi một địa chỉ",
    output: "Câu trả lời", outputAs: "Trả lời dạng", asText: "Văn bản", asJson: "JSON", outputJsonHint: "JSON bất kỳ. Để trống là null.", message: "Mô hình được báo gì", url: "URL", method: "Phương thức",
    timeout: "Thời gian một lần gọi, tính bằng giây", headers: "Header", headersHint: "{braces} là một bí mật của không gian làm việc.",
    steps: "Số vòng gọi công cụ tối đa trong một câu trả lời",
    servers: "Máy chủ MCP", serversText: "Mô hình cũng được đưa các công cụ của những máy chủ này. Chúng dùng Model Context Protocol qua Streamable HTTP.", noServers: "Chưa có máy chủ nào.",
    addServer: "Thêm máy chủ", serverN: "Máy chủ {n}", serverUrl: "Địa chỉ máy chủ", allowed: "Công cụ được đưa ra", allowedHint: "Mỗi dòng một tên; để trống là mọi công cụ của máy chủ.", requestTimeout: "Thời gian một yêu cầu, tính bằng giây",
    notForKind: "Tác tử dùng giao thức này tự chạy công cụ. Hãy bỏ các mục này hoặc chọn giao thức khác.",
    version: "Phiên bản A2A",
  },
});
