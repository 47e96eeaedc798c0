import { expect, test } from "vitest";
import { hostsIn } from "./kind";

test("hosts are what is left of addresses", () => {
  expect(hostsIn("api.example.com, https://b.example.com:8443/v1?x=1\n\napi.example.com")).toEqual(["api.example.com", "b.example.com"]);
  expect(hostsIn(" ")).toEqual([]);
});
