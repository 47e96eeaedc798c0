import { texts } from "@/i18n";

/** Texts of personas. */
export const personaTexts = texts({
  en: {
    all: "All personas", created: "{name} was created", delete: "Delete", language: "Language", patience: "Patience", strategy: "Strategy", traits: "Traits", tags: "Tags",
    who: "Who", name: "Name", nameHint: "A first name, or a role: an impatient traveller.", description: "Description", descriptionHint: "Who this is, in your own words.", traitsHint: "Such as: impatient. One a line.", mood: "Mood", moodHint: "How they feel when it begins.",
    speech: "How they speak", languageHint: "A tag such as vi, or a name. The scenario's when empty.", tone: "Tone", toneHint: "Such as: curt.", style: "Style of writing", styleHint: "Such as: short lines, no capitals, typing errors.",
    wants: "What they want and know", goals: "Goals", goalsHint: "From any conversation, beside the scenario's goal. One a line.", knowledge: "Knowledge", knowledgeHint: "What they tell when asked, or when it matters.",
    disclosure: "What they tell, and when", disclosureHint: "Facts in the order in which they are told. What is never told is checked in every message.", fact: "Fact {n}", when: "Told", addFact: "Add a fact", up: "Move fact {n} up", down: "Move fact {n} down", removeFact: "Remove fact {n}", noFacts: "No facts yet.",
    conduct: "How it is played", patienceHint: "Unhelpful answers in a row until they give up.", never: "never gives up", atOnce: "gives up at once", after: "gives up after {n}", model: "Model", modelHint: "Plays this persona wherever it is met. Without one, the campaign's model does.", noModel: "The campaign's model", tagsHint: "Labels to filter by, one a line.",
    preview: "In words", previewHint: "What whoever plays this persona goes by.", nobody: "Nothing is known of this persona yet.", speaks: "Speaks {language}", speaksScenario: "Speaks the scenario's language", feels: "Feels {mood}", sounds: "Sounds {tone}", writes: "Writes: {style}", knows: "Knows", tells: "Tells", wantsTo: "Wants", profile: "Profile", patienceOf: "{n} of 10",
  },
  vi: {
    all: "Tất cả nhân vật", created: "Đã tạo {name}", delete: "Xóa", language: "Ngôn ngữ", patience: "Kiên nhẫn", strategy: "Cách nói", traits: "Tính cách", tags: "Nhãn",
    who: "Là ai", name: "Tên", nameHint: "Tên riêng hoặc vai trò: một hành khách sốt ruột.", description: "Mô tả", descriptionHint: "Người này là ai, theo lời của bạn.", traitsHint: "Ví dụ: sốt ruột. Mỗi dòng một mục.", mood: "Tâm trạng", moodHint: "Cảm thấy thế nào lúc bắt đầu.",
    speech: "Nói năng thế nào", languageHint: "Mã như vi, hoặc tên. Để trống: ngôn ngữ của kịch bản.", tone: "Giọng", toneHint: "Ví dụ: cộc lốc.", style: "Cách viết", styleHint: "Ví dụ: câu ngắn, không viết hoa, hay gõ sai.",
    wants: "Muốn gì và biết gì", goals: "Mục tiêu", goalsHint: "Từ mọi hội thoại, ngoài mục tiêu của kịch bản. Mỗi dòng một mục.", knowledge: "Hiểu biết", knowledgeHint: "Điều họ nói khi được hỏi, hoặc khi cần.",
    disclosure: "Nói gì và khi nào", disclosureHint: "Các sự thật theo thứ tự được nói ra. Điều không bao giờ nói được kiểm tra trong từng tin nhắn.", fact: "Sự thật {n}", when: "Nói ra", addFact: "Thêm sự thật", up: "Chuyển sự thật {n} lên", down: "Chuyển sự thật {n} xuống", removeFact: "Bỏ sự thật {n}", noFacts: "Chưa có sự thật nào.",
    conduct: "Được đóng thế nào", patienceHint: "Số câu trả lời vô ích liên tiếp trước khi bỏ cuộc.", never: "không bao giờ bỏ cuộc", atOnce: "bỏ cuộc ngay", after: "bỏ cuộc sau {n}", model: "Mô hình", modelHint: "Đóng nhân vật này ở mọi nơi. Nếu không có, dùng mô hình của chiến dịch.", noModel: "Mô hình của chiến dịch", tagsHint: "Nhãn để lọc, mỗi dòng một nhãn.",
    preview: "Bằng lời", previewHint: "Điều bên đóng nhân vật dựa vào.", nobody: "Chưa biết gì về nhân vật này.", speaks: "Nói {language}", speaksScenario: "Nói ngôn ngữ của kịch bản", feels: "Cảm thấy {mood}", sounds: "Giọng {tone}", writes: "Viết: {style}", knows: "Biết", tells: "Nói ra", wantsTo: "Muốn", profile: "Hồ sơ", patienceOf: "{n} trên 10",
  },
});
