import { expect, it } from "vitest";
import { withoutSecrets } from "./kept";

it("puts no secret aside", () => {
  expect(withoutSecrets({ name: "judge", api_key: "sk-1", tags: ["value"] })).toEqual({ name: "judge", tags: ["value"] });
  expect(withoutSecrets({ credential: "sk-1" })).toEqual({});
  expect(withoutSecrets(null)).toBe(null);
  expect(withoutSecrets(["token"])).toEqual(["token"]);
});
