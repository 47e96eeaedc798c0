import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

interface Asked {
  messages?: { role: string; content: unknown }[];
}

/** What a scripted model says, and how sure it is of the first token. */
export interface Said {
  text: string;
  sure?: number;
  /** A status that is no success: the words are those of the error then. */
  status?: number;
}

/** A server that speaks OpenAI's chat completions by a script: what it says is told from the user's last words, and the path it was called by. */
export async function scripted(say: (words: string, path: string) => Said): Promise<{ url: string; close(): void }> {
  const server: Server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on("data", (piece: Buffer) => pieces.push(piece));
    request.on("end", () => {
      const asked = JSON.parse(Buffer.concat(pieces).toString() || "{}") as Asked;
      const last = asked.messages?.filter((one) => one.role === "user").at(-1)?.content;
      const { text, sure, status } = say(typeof last === "string" ? last : JSON.stringify(last), request.url ?? "");
      const content = sure === undefined ? null : [{ token: "9", logprob: Math.log(sure), top_logprobs: [{ token: "9", logprob: Math.log(sure) }, { token: "8", logprob: Math.log(1 - sure) }] }];
      response.setHeader("content-type", "application/json");
      if (status) {
        response.statusCode = status;
        response.end(JSON.stringify({ error: { message: text, type: "scripted" } }));
        return;
      }
      response.end(JSON.stringify({
        id: "scripted", object: "chat.completion", created: 0, model: "scripted",
        choices: [{ index: 0, finish_reason: "stop", message: { role: "assistant", content: text }, ...(content && { logprobs: { content } }) }],
        usage: { prompt_tokens: 10, completion_tokens: 10, total_tokens: 20 },
      }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`, close: () => server.close() };
}
