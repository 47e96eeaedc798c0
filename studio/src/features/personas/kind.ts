import type { Schemas, Written } from "@/api/client";
import type { Both } from "@/i18n";
import type { ResourceKind } from "@/resource/kind";

/** A persona as the API shows it. */
export type Persona = Schemas["Persona"];
/** A persona as it is written. */
export type PersonaSpec = Written<Schemas["PersonaSpecInput"], "name">;

/** What the resource kit needs to know of personas. */
export const personaKind: ResourceKind<Persona> = {
  kind: "personas",
  path: "/personas",
  title: { en: "Personas", vi: "Nhân vật" },
  create: { en: "New persona", vi: "Nhân vật mới" },
  empty: {
    en: "A persona is who meets your agent: character, mood, language, patience, what it knows and what it keeps to itself. Any scenario can be played by any persona.",
    vi: "Nhân vật là người gặp tác tử của bạn: tính cách, tâm trạng, ngôn ngữ, sự kiên nhẫn, điều họ biết và điều họ giữ kín. Mọi kịch bản đều có thể do mọi nhân vật đóng.",
  },
  read: "resources_read",
  write: "resources_write",
  versions: false,
};

/** A new persona before anything is known of it. */
export const NEW_PERSONA: PersonaSpec = { name: "", patience: 5 };

/** When a fact is told, in the order of openness. */
export const DISCLOSURES: Record<Schemas["Disclosure"], Both> = {
  upfront: { en: "Unasked", vi: "Tự nói ra" },
  when_asked: { en: "When asked", vi: "Khi được hỏi" },
  reluctantly: { en: "Reluctantly", vi: "Miễn cưỡng" },
  never: { en: "Never", vi: "Không bao giờ" },
};

/** How a persona comes to its next message. */
export const STRATEGIES: Record<Schemas["Strategy"], { title: Both; text: Both }> = {
  plain: { title: { en: "Plain", vi: "Đơn giản" }, text: { en: "It writes the message. 1 to 3 calls.", vi: "Viết thẳng tin nhắn. 1 đến 3 lần gọi." } },
  react: { title: { en: "Thinks first", vi: "Nghĩ trước" }, text: { en: "It writes a thought, then the message; only the message is said. 1 to 3 calls.", vi: "Viết suy nghĩ rồi tin nhắn; chỉ tin nhắn được nói. 1 đến 3 lần gọi." } },
  verify: { title: { en: "Verified", vi: "Có kiểm tra" }, text: { en: "A second call accepts the draft or names its fault. 2 to 7 calls.", vi: "Lần gọi thứ hai chấp nhận bản nháp hoặc nêu lỗi. 2 đến 7 lần gọi." } },
  reflection: { title: { en: "Reflected", vi: "Có suy xét" }, text: { en: "A second call criticises the draft, which is written anew. 2 to 7 calls.", vi: "Lần gọi thứ hai phê bình bản nháp rồi viết lại. 2 đến 7 lần gọi." } },
};
