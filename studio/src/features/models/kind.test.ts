import { expect, test } from "vitest";
import { NEW_MODEL, withProvider } from "./kind";

test("the address follows the provider, unless somebody wrote one", () => {
  const anthropic = withProvider(NEW_MODEL, "anthropic");
  expect(anthropic.base_url).toBe("https://api.anthropic.com/v1");
  expect(withProvider(anthropic, "openai").base_url).toBe("https://api.openai.com/v1");
  expect(withProvider({ ...NEW_MODEL, base_url: "http://mine/v1" }, "openai").base_url).toBe("http://mine/v1");
});
