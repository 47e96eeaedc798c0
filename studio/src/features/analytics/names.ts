import { texts } from "@/i18n";

/** Names of dimensions and measures for people. What the API has beyond them is shown as the API names it. */
export const nameTexts = texts({
  en: {
    name: "Name", environment: "Environment", release: "Release", version: "Version", userId: "User", sessionId: "Session", tags: "Tags", type: "Type", level: "Level", source: "Source", dataType: "Type of score",
    providedModelName: "Model", promptName: "Prompt", promptVersion: "Version of the prompt", traceName: "Trace name", traceRelease: "Release", traceVersion: "Version of the trace", observationName: "Observation name", observationModelName: "Model", observationPromptName: "Prompt", stringValue: "Value",
    experimentName: "Experiment", authorUserId: "Author", count: "Count", observationsCount: "Observations", scoresCount: "Scores", uniqueUserIds: "Different users", uniqueSessionIds: "Different sessions", uniqueTraceIds: "Different traces", latency: "Latency", timeToFirstToken: "Time to the first token", streamingLatency: "Time after the first token",
    inputTokens: "Input tokens", outputTokens: "Output tokens", totalTokens: "Tokens", totalCost: "Cost", inputCost: "Cost of the input", outputCost: "Cost of the output", errorCount: "Errors", failed: "Failed", value: "Value", tokensPerSecond: "Tokens a second", outputTokensPerSecond: "Output tokens a second", countScores: "Scores",
    sum: "Sum", avg: "Mean", min: "Least", max: "Most", p50: "Median", uniq: "Different ones",
  },
  vi: {
    name: "Tên", environment: "Môi trường", release: "Bản phát hành", version: "Phiên bản", userId: "Người dùng", sessionId: "Phiên", tags: "Thẻ", type: "Loại", level: "Mức", source: "Nguồn", dataType: "Kiểu điểm",
    providedModelName: "Mô hình", promptName: "Prompt", promptVersion: "Phiên bản prompt", traceName: "Tên vết", traceRelease: "Bản phát hành", traceVersion: "Phiên bản của vết", observationName: "Tên quan sát", observationModelName: "Mô hình", observationPromptName: "Prompt", stringValue: "Giá trị",
    experimentName: "Thí nghiệm", authorUserId: "Tác giả", count: "Số lượng", observationsCount: "Số quan sát", scoresCount: "Số điểm", uniqueUserIds: "Số người dùng", uniqueSessionIds: "Số phiên", uniqueTraceIds: "Số vết", latency: "Độ trễ", timeToFirstToken: "Thời gian đến token đầu", streamingLatency: "Thời gian sau token đầu",
    inputTokens: "Token đầu vào", outputTokens: "Token đầu ra", totalTokens: "Token", totalCost: "Chi phí", inputCost: "Chi phí đầu vào", outputCost: "Chi phí đầu ra", errorCount: "Số lỗi", failed: "Thất bại", value: "Giá trị", tokensPerSecond: "Token mỗi giây", outputTokensPerSecond: "Token đầu ra mỗi giây", countScores: "Số điểm",
    sum: "Tổng", avg: "Trung bình", min: "Nhỏ nhất", max: "Lớn nhất", p50: "Trung vị", uniq: "Số giá trị khác nhau",
  },
});

/** The name for people of something that the API names. */
export const named = (t: (key: "name") => string, name: string): string => (name in nameTexts.en ? t(name as "name") : name);
