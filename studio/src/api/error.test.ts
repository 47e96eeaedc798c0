import { expect, it } from "vitest";
import { errorOf } from "./error";

it("reads a problem document", async () => {
  const body = { type: "urn:assay:problem:validation", title: "Some fields are wrong", status: 422, detail: "Check /name.", request_id: "r1",
    errors: [{ field: "/name", message: "must not be empty" }, { field: "/name", message: "is taken" }] };
  const error = await errorOf(new Response(JSON.stringify(body), { status: 422, headers: { "content-type": "application/problem+json" } }));
  expect([error.status, error.message, error.type, error.requestId]).toEqual([422, "Check /name.", body.type, "r1"]);
  expect([...error.fields]).toEqual([["/name", "must not be empty; is taken"]]);
});

it("makes do with a status", async () => {
  for (const type of ["text/html", "application/json"]) {
    const error = await errorOf(new Response("<p>", { status: 502, headers: { "content-type": type } }));
    expect([error.status, error.title]).toEqual([502, "HTTP 502"]);
  }
});
