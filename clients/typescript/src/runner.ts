import { Refused, runError, UnexpectedAnswer } from "./errors.js";
import { decodeFiles, encodeFiles, type Files } from "./files.js";
import { type Call, ndjson, usualMs, type Wire } from "./http.js";
import { lines } from "./lines.js";
import type { Answer, Output, Schemas } from "./types.js";

/** What each call takes. */
export interface CallOptions {
  /** Aborting it ends the script, or interrupts a session's call. */
  signal?: AbortSignal | undefined;
}

/** How a script runs: fields of the request, as in docs/requests.md. */
export interface Options extends Omit<Schemas["Execution"], "script" | "files">, CallOptions {
  /** Files for the working directory, by their paths. */
  files?: Files;
}

/** An event of a stream: what the script writes and shows, as it does, and finally its answer. */
export type Event<T = unknown> =
  | { event: "stdout" | "stderr"; data: Schemas["StreamText"] }
  | { event: "output"; data: Output }
  | { event: "result"; data: Answer<T> };

/** Runs scripts: the part that clients and sessions share. */
export class Runner {
  /** @internal */
  protected constructor(
    /** @internal */
    protected readonly wire: Wire,
    private readonly place: string,
    private readonly wallMs: number = usualMs,
  ) {}

  /** Runs a script and returns its answer, however it ended. Throws {@link Refused} if the script was not run. */
  async execute<T = unknown>(script: string, options: Options = {}): Promise<Answer<T>> {
    return readAnswer<T>(await this.wire.json(await this.call(script, options)));
  }

  /** Runs a script and returns its result. Throws a {@link RunError} if it has none. */
  async run<T = unknown>(script: string, options: Options = {}): Promise<T> {
    const answer = await this.execute<T>(script, options);
    if (answer.status !== "ok") throw runError(answer);
    return answer.result;
  }

  /** Runs a script and yields events as they come. The caller who reads slowly makes the script wait; who leaves early ends it. */
  async *stream<T = unknown>(script: string, options: Options = {}): AsyncGenerator<Event<T>, void, undefined> {
    const opened = await this.wire.open({ ...(await this.call(script, options)), accept: ndjson });
    for await (const event of lines<Schemas["StreamEvent"]>(opened)) {
      switch (event.event) {
        case "stdout":
        case "stderr":
        case "output":
          yield event as Event<T>;
          break;
        case "result":
          yield { event: "result", data: readAnswer<T>(event.data) };
          return;
        case "problem":
          throw new Refused(event.data);
      } // else it keeps the connection open, or is newer than this version
    }
    throw new UnexpectedAnswer("the stream ended without a result", opened.requestId);
  }

  private async call(script: string, { signal, ...options }: Options): Promise<Call> {
    return {
      method: "POST",
      path: this.place,
      body: JSON.stringify(await request({ ...options, script })),
      runMs: options.limits?.wall_ms ?? this.wallMs,
      signal,
    };
  }
}

/** Returns the body of a request with its files encoded. */
export async function request<T extends { files?: Files | undefined }>(options: T): Promise<Omit<T, "files"> & { files?: Schemas["File"][] }> {
  const { files, ...rest } = options;
  return files === undefined ? rest : { ...rest, files: await encodeFiles(files) };
}

/** Converts the JSON of an answer. */
export function readAnswer<T>(answer: Schemas["Answer"]): Answer<T> {
  try {
    return { ...answer, files: decodeFiles(answer.files) } as Answer<T>;
  } catch (error) {
    throw new UnexpectedAnswer(`the answer is not from hotcell: ${String(error)}`, "", error);
  }
}
