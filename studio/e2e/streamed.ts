import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What a model was asked. */
export interface Heard {
  model: string;
  messages: { role: string; content: unknown; tool_calls?: unknown }[];
  temperature?: number;
  max_tokens?: number;
  seed?: number;
  response_format?: unknown;
  stream?: boolean;
}

/** How a scripted model answers: words, one after the other, or a refusal. */
export interface Speech {
  words: readonly string[];
  /** Between two words. */
  everyMs: number;
  /** Ends the connection after the words, with the answer not whole. */
  breaks?: boolean;
  /** Refuses with this status instead. */
  refuses?: number;
  finish?: string;
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** A server that speaks OpenAI's chat completions and streams: `say` tells from the request what. `cut` counts answers that nobody waited for. */
export async function streamed(say: (heard: Heard) => Speech): Promise<{ url: string; heard: Heard[]; cut(): number; close(): void }> {
  const heard: Heard[] = [];
  let cut = 0;
  const speak = async (response: ServerResponse, asked: Heard, speech: Speech) => {
    const usage = { prompt_tokens: 10, completion_tokens: speech.words.length, total_tokens: 10 + speech.words.length };
    if (speech.refuses) {
      response.writeHead(speech.refuses, { "content-type": "application/json" });
      return response.end(JSON.stringify({ error: { message: "The scripted model refuses.", type: "refusal" } }));
    }
    if (!asked.stream) {
      response.writeHead(200, { "content-type": "application/json" });
      return response.end(JSON.stringify({ model: asked.model, choices: [{ index: 0, finish_reason: "stop", message: { role: "assistant", content: speech.words.join("") } }], usage }));
    }
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.on("close", () => { if (!response.writableFinished) cut += 1; });
    const send = (data: unknown) => response.write(`data: ${JSON.stringify(data)}\n\n`);
    for (const word of speech.words) {
      if (response.destroyed) return;
      send({ model: asked.model, choices: [{ index: 0, delta: { content: word }, finish_reason: null }] });
      await pause(speech.everyMs);
    }
    if (speech.breaks) return response.destroy();
    send({ model: asked.model, choices: [{ index: 0, delta: {}, finish_reason: speech.finish ?? "stop" }] });
    send({ choices: [], usage });
    return response.end("data: [DONE]\n\n");
  };
  const server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on("data", (piece: Buffer) => pieces.push(piece));
    request.on("end", () => {
      const asked = JSON.parse(Buffer.concat(pieces).toString() || "{}") as Heard;
      heard.push(asked);
      void speak(response, asked, say(asked));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`, heard, cut: () => cut, close: () => { server.closeAllConnections(); server.close(); } };
}
