import { expect, test } from "vitest";
import { contentText, picturesOf } from "./content";

test("pictures are shown only when they are in the message itself", () => {
  const content = [{ type: "text" as const, text: "see" }, { type: "image_url" as const, image_url: { url: "https://example.com/x.png" } }, { type: "image_url" as const, image_url: { url: "data:image/png;base64,AA" } }];
  expect(contentText(content, "Picture")).toBe("see\n[Picture]\n[Picture]");
  expect(picturesOf(content)).toEqual(["data:image/png;base64,AA"]);
  expect(picturesOf([{ type: "image_url", image_url: { url: "data:image/svg+xml;base64,AA" } }])).toEqual([]);
});
