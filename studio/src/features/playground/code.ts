import type { Asked } from "./types";
import { chatPath } from "./stream";

/** A JSON value as Python writes it. */
function python(value: unknown, indent = ""): string {
  const inner = `${indent}    `;
  if (value === null || value === undefined) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  // Escapes of JSON's texts are escapes of Python's as well.
  if (typeof value !== "object") return JSON.stringify(value);
  const lines = Array.isArray(value)
    ? value.map((item) => `${inner}${python(item, inner)},\n`)
    : Object.entries(value).filter(([, item]) => item !== undefined).map(([key, item]) => `${inner}${JSON.stringify(key)}: ${python(item, inner)},\n`);
  const [left, right] = Array.isArray(value) ? "[]" : "{}";
  return lines.length === 0 ? `${left}${right}` : `${left}\n${lines.join("")}${indent}${right}`;
}

/** The call by curl. Keys are the caller's: they come from the environment. */
export const asCurl = (origin: string, model: string, asked: Asked): string => `curl --no-buffer -u "$ASSAY_PUBLIC_KEY:$ASSAY_SECRET_KEY" \\
  -H 'content-type: application/json' -H 'accept: text/event-stream' \\
  '${origin}${chatPath(model)}' --data-binary @- <<'JSON'
${JSON.stringify(asked, null, 2)}
JSON
`;

/** The call in Python, with nothing but its own library. */
export const asPython = (origin: string, model: string, asked: Asked): string => `import base64
import json
import os
import urllib.request

pair = f"{os.environ['ASSAY_PUBLIC_KEY']}:{os.environ['ASSAY_SECRET_KEY']}"
request = urllib.request.Request(
    ${JSON.stringify(`${origin}${chatPath(model)}`)},
    data=json.dumps(${python(asked, "    ")}).encode(),
    headers={
        "authorization": "Basic " + base64.b64encode(pair.encode()).decode(),
        "content-type": "application/json",
        "accept": "application/json",
    },
)
with urllib.request.urlopen(request) as response:
    reply = json.load(response)
print(reply["answer"] if reply["ok"] else reply["error"]["message"])
`;
