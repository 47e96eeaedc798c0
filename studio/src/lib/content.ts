import type { Schemas } from "@/api/client";

/** What a message holds: a text, or texts and pictures. */
export type Content = Schemas["Content"];

/** A content as text; pictures are named by `picture`. */
export const contentText = (content: Content, picture: string): string =>
  typeof content === "string" ? content : content.map((part) => (part.type === "text" ? part.text : `[${picture}]`)).join("\n");

/** Whether a picture stands in the content itself and is no document: only these may be shown, an address would call somebody. */
export const isOwnPicture = (url: string): boolean => /^data:image\/(png|jpeg|gif|webp);base64,/.test(url);

/** The pictures that stand in a content itself. */
export const picturesOf = (content: Content): string[] =>
  typeof content === "string" ? [] : content.flatMap((part) => (part.type === "image_url" && isOwnPicture(part.image_url.url) ? [part.image_url.url] : []));
