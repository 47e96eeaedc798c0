import {
  Activity, Bot, Braces, Check, CircleStop, Clock, Code, Flag, GitFork, GitMerge, Globe, ListChecks, type LucideIcon, MessageSquare, MessagesSquare, Play, Repeat,
  Split, UserRound, Workflow, Wrench,
} from "lucide-react";
import type { Both } from "@/i18n";
import type { Does, NodeType } from "./model";

/** What the builder knows of a type of nodes. */
export interface NodeKind {
  type: NodeType;
  group: GroupId;
  icon: LucideIcon;
  title: Both;
  /** What happens there, in the palette and the inspector. */
  text: Both;
  /** What a new one does: as sound as it can be without anyone's words. */
  does: Does;
}

/** The groups of the palette, in order. */
export const NODE_GROUPS = [
  { id: "talk", title: { en: "Conversation", vi: "Hội thoại" } },
  { id: "flow", title: { en: "Flow", vi: "Luồng" } },
  { id: "check", title: { en: "Checks", vi: "Kiểm tra" } },
  { id: "data", title: { en: "Data and tools", vi: "Dữ liệu và công cụ" } },
] as const satisfies readonly { id: string; title: Both }[];
type GroupId = (typeof NODE_GROUPS)[number]["id"];

/** Every type of nodes that the API has. */
export const NODE_KINDS: readonly NodeKind[] = [
  { type: "persona_turn", group: "talk", icon: MessageSquare, title: { en: "User says", vi: "Người dùng nói" }, does: { type: "persona_turn", say: "" },
    text: { en: "The user says these words, or what a model makes of the persona.", vi: "Người dùng nói đúng những lời này, hoặc lời mà mô hình đóng vai nghĩ ra." } },
  { type: "target_call", group: "talk", icon: Bot, title: { en: "Agent answers", vi: "Tác tử trả lời" }, does: { type: "target_call" },
    text: { en: "The agent answers what was said last.", vi: "Tác tử trả lời câu vừa nói." } },
  { type: "converse", group: "talk", icon: MessagesSquare, title: { en: "Conversation", vi: "Trò chuyện" }, does: { type: "converse" },
    text: { en: "User and agent talk until a stop condition of the scenario holds.", vi: "Người dùng và tác tử nói chuyện đến khi một điều kiện dừng xảy ra." } },
  { type: "task", group: "talk", icon: ListChecks, title: { en: "Task", vi: "Nhiệm vụ" }, does: { type: "task", instruction: "" },
    text: { en: "The agent is told an instruction and answers; a variable can take the answer.", vi: "Tác tử nhận một chỉ dẫn và trả lời; một biến có thể nhận câu trả lời." } },
  { type: "wait_for_person", group: "talk", icon: UserRound, title: { en: "Ask a person", vi: "Hỏi một người" }, does: { type: "wait_for_person", question: "" },
    text: { en: "The run waits until a person answers, or speaks as the user.", vi: "Lượt chạy đợi đến khi một người trả lời hoặc nói thay người dùng." } },
  { type: "start", group: "flow", icon: Play, title: { en: "Start", vi: "Bắt đầu" }, does: { type: "start" },
    text: { en: "The scenario begins here.", vi: "Kịch bản bắt đầu ở đây." } },
  { type: "condition", group: "flow", icon: Split, title: { en: "Condition", vi: "Điều kiện" }, does: { type: "condition" },
    text: { en: "The first way whose condition holds is taken, else the one without.", vi: "Đi theo nhánh đầu tiên có điều kiện đúng, nếu không thì nhánh không có điều kiện." } },
  { type: "loop", group: "flow", icon: Repeat, title: { en: "Loop", vi: "Lặp" }, does: { type: "loop", times: 3 },
    text: { en: "One way is taken again and again: so many times, while something is true, or for each value.", vi: "Một nhánh được lặp lại: đủ số lần, khi điều kiện còn đúng, hoặc với từng giá trị." } },
  { type: "parallel", group: "flow", icon: GitFork, title: { en: "Parallel", vi: "Song song" }, does: { type: "parallel" },
    text: { en: "All ways are taken at once; they meet in one join.", vi: "Mọi nhánh chạy cùng lúc và gặp nhau ở một nút hợp." } },
  { type: "join", group: "flow", icon: GitMerge, title: { en: "Join", vi: "Hợp nhánh" }, does: { type: "join" },
    text: { en: "Waits for all branches of a parallel.", vi: "Đợi mọi nhánh song song." } },
  { type: "wait", group: "flow", icon: Clock, title: { en: "Wait", vi: "Chờ" }, does: { type: "wait", seconds: 5 },
    text: { en: "Nothing happens for a while.", vi: "Không có gì xảy ra trong một lúc." } },
  { type: "trigger", group: "flow", icon: Activity, title: { en: "Trigger", vi: "Kích hoạt" }, does: { type: "trigger", on: { manual: {} } },
    text: { en: "As the first node what has started the campaign; elsewhere it waits for a person, a signed request or a time.", vi: "Ở đầu: điều đã bắt đầu chiến dịch; ở nơi khác: đợi một người, một yêu cầu đã ký hoặc thời điểm." } },
  { type: "sub_scenario", group: "flow", icon: Workflow, title: { en: "Other scenario", vi: "Kịch bản khác" }, does: { type: "sub_scenario", scenario_id: "" },
    text: { en: "Another scenario is played at this place.", vi: "Một kịch bản khác được chạy tại đây." } },
  { type: "end", group: "flow", icon: CircleStop, title: { en: "End", vi: "Kết thúc" }, does: { type: "end" },
    text: { en: "The scenario is over; ending here can be a verdict.", vi: "Kịch bản kết thúc; kết thúc ở đây có thể là một phán quyết." } },
  { type: "evaluate", group: "check", icon: Check, title: { en: "Score", vi: "Chấm điểm" }, does: { type: "evaluate" },
    text: { en: "The conversation so far is scored.", vi: "Chấm điểm hội thoại đến lúc này." } },
  { type: "expectation", group: "check", icon: Flag, title: { en: "Expectation", vi: "Kỳ vọng" }, does: { type: "expectation", metric: { kind: "contains", params: { values: [] } as never } },
    text: { en: "A metric must be passed here.", vi: "Một chỉ số phải đạt ở đây." } },
  { type: "code", group: "data", icon: Code, title: { en: "Code", vi: "Mã" }, does: { type: "code", expression: "", output: "value" },
    text: { en: "A variable takes what an expression or a program comes to.", vi: "Một biến nhận kết quả của biểu thức hoặc chương trình." } },
  { type: "transform", group: "data", icon: Braces, title: { en: "Template", vi: "Mẫu" }, does: { type: "transform", template: "", output: "value" },
    text: { en: "A variable takes what a template comes to.", vi: "Một biến nhận kết quả của mẫu." } },
  { type: "tool", group: "data", icon: Globe, title: { en: "Request", vi: "Yêu cầu HTTP" }, does: { type: "tool", method: "GET", url: "" },
    text: { en: "A request to a server, whose answer a variable takes.", vi: "Gửi yêu cầu đến máy chủ, một biến nhận câu trả lời." } },
  { type: "tool_mock", group: "data", icon: Wrench, title: { en: "Mocked tool", vi: "Công cụ giả" }, does: { type: "tool_mock", tool: "", output: {} },
    text: { en: "From here on the tool answers this.", vi: "Từ đây công cụ trả lời như thế này." } },
];

const BY_TYPE = new Map(NODE_KINDS.map((kind) => [kind.type, kind]));

/** The kind of a type. */
export function kindOf(type: NodeType): NodeKind {
  const kind = BY_TYPE.get(type);
  if (!kind) throw new Error(`no kind of nodes is called ${type}`);
  return kind;
}
