import { expect, test } from "vitest";
import { ApiError } from "@/api/error";
import { fieldsOf } from "./unsaved";

test("what is wrong with what was tried stands at the fields of the form", () => {
  const error = new ApiError(422, { errors: [{ field: "/spec/url", message: "is no URL" }, { field: "/spec", message: "is odd" }, { field: "/special", message: "stays" }] });
  expect([...fieldsOf(error)]).toEqual([["/url", "is no URL"], ["", "is odd"], ["/special", "stays"]]);
  expect(fieldsOf(new Error("offline")).size).toBe(0);
});
