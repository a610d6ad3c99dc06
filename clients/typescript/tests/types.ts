/** What the compiler must accept and refuse. It is compiled and not run. */
import type { Answer, Code, Event, FileContent, Options, Status } from "hotcell-client";
import { type Hotcell, Refused, RunError } from "hotcell-client";

// kwargs takes any names, and only the script is required.
export const least: Options = {};
export const most: Options = { args: [1, "x", null], kwargs: { n: 2, any: { name: [] } }, limits: { wall_ms: 1000 }, mode: "cell", display: true };

// @ts-expect-error: there is no such field
export const wrong: Options = { timeout: 3 };

// Each status has what comes with it.
export function told(answer: Answer<number>): string | number {
  switch (answer.status) {
    case "ok":
      return answer.result;
    case "exception":
    case "not_json":
      return answer.error.message;
    case "timeout":
    case "memory_limit":
      return answer.limit;
    case "exited":
      return answer.exit_code;
    case "killed":
      return answer.signal;
    case "output_limit":
      return answer.stdout;
    // no default: the compiler knows that there are no others
  }
}

// A file that comes back can be sent on.
export function again(answer: Answer): FileContent | undefined {
  return answer.files.get("out.txt");
}

export function text(event: Event): string | Status {
  switch (event.event) {
    case "stdout":
    case "stderr":
      return event.data.text;
    case "output":
      return event.data.kind;
    case "result":
      return event.data.status;
  }
}

export async function code(hotcell: Hotcell): Promise<Code | Exclude<Status, "ok"> | undefined> {
  try {
    const result: { mean: number } = await hotcell.run("…");
    return result.mean > 0 ? undefined : "internal";
  } catch (error) {
    if (error instanceof Refused || error instanceof RunError) return error.code;
    throw error;
  }
}
