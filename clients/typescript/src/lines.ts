import { UnexpectedAnswer } from "./errors.js";
import { decode, type Opened, silenceMs } from "./http.js";

/** Reads NDJSON: yields each line's value. A caller who leaves early closes the connection. */
export async function* lines<T>({ response, watch, requestId }: Opened): AsyncGenerator<T, void, undefined> {
  const reader = response.body?.getReader();
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  let begun: string[] = []; // pieces of a line
  try {
    if (reader === undefined) throw new UnexpectedAnswer("the answer has no body", requestId);
    for (;;) {
      watch.expect(silenceMs);
      const { done, value } = await reader.read().catch((error: unknown) => {
        throw watch.explain(error);
      });
      watch.rest();
      if (done) return;
      const pieces = decoder.decode(value, { stream: true }).split("\n");
      const rest = pieces.pop() ?? "";
      for (const piece of pieces) {
        const line = begun.join("") + piece;
        begun = [];
        yield decode<T>(line, requestId);
      }
      begun.push(rest);
    }
  } finally {
    watch.end();
    await reader?.cancel().catch(() => undefined); // what is left of it does not matter
  }
}
