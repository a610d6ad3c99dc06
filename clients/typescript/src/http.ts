/** The HTTP that all calls share: addresses, keys, deadlines, refusals, retries. */
import { Refused, UnexpectedAnswer } from "./errors.js";
import type { FileContent } from "./files.js";
import type { Problem } from "./types.js";
import { version } from "./version.js";
import { pause, Watch } from "./watch.js";

/** How a client reaches its server. */
export interface ClientOptions {
  /** The server's address. Default: the environment variable HOTCELL_URL, else http://127.0.0.1:8080. */
  url?: string | URL | undefined;
  /** The key, which is sent with every request. Default: the environment variable HOTCELL_KEY. */
  key?: string | undefined;
  /**
   * How often a request is sent again that was refused before its script began, because the server is full or the key's rate is used up,
   * and the server says when to come back. Default 3.
   */
  retries?: number | undefined;
  /** How many seconds an answer may take beyond the script's own limit of time. Infinity: no matter how long. Default 30. */
  waitingS?: number | undefined;
  /** What to send requests with instead of the global fetch. */
  fetch?: typeof globalThis.fetch | undefined;
}

/** A request. */
export interface Call {
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  path: string;
  body?: FileContent;
  type?: string;
  accept?: string;
  /** How long the script may run. */
  runMs?: number;
  signal?: AbortSignal | undefined;
}

/** A response whose body is still to come. */
export interface Opened {
  response: Response;
  watch: Watch;
  requestId: string;
}

export const ndjson = "application/x-ndjson";
/** How long a script without `wall_ms` may run. Where the server allows more by default, callers pass the limit. */
export const usualMs = 60_000;
/** For a stream, which sends something every 15 s, and for a file. */
export const silenceMs = 60_000;

const longestPauseS = 30;
/**
 * Refusals that come before a script has begun, so that a retry cannot run it twice. "draining" is none: a script that runs when the server
 * stops gets it, too.
 */
const notRun: readonly string[] = ["rate_limited", "saturated", "unavailable"];

export class Wire {
  readonly #url: string;
  readonly #headers: Record<string, string>;
  readonly #retries: number;
  readonly #waitingMs: number;
  readonly #fetch: typeof globalThis.fetch;
  #queueS = 0;

  constructor(options: ClientOptions | Wire) {
    if (options instanceof Wire) {
      this.#url = options.#url;
      this.#headers = options.#headers;
      this.#retries = options.#retries;
      this.#waitingMs = options.#waitingMs;
      this.#fetch = options.#fetch;
      return;
    }
    const url = String(options.url ?? environment("HOTCELL_URL") ?? "http://127.0.0.1:8080");
    if (!/^https?:\/\/[^/?#]+[^?#]*$/.test(url)) throw new TypeError(`invalid url ${JSON.stringify(url)}: use for example http://127.0.0.1:8080`);
    this.#url = url.replace(/\/+$/, "");
    const key = (options.key ?? environment("HOTCELL_KEY") ?? "").trim();
    this.#headers = {
      ...("document" in globalThis ? {} : { "User-Agent": `hotcell-typescript/${version}` }), // browsers have their own
      ...(key === "" ? {} : { Authorization: `Bearer ${key}` }),
    };
    this.#retries = options.retries ?? 3;
    this.#waitingMs = (options.waitingS ?? 30) * 1000;
    this.#fetch = options.fetch ?? ((input, init) => globalThis.fetch(input, init));
  }

  /** Returns the same, for calls that wait so long for their turn in a session. */
  queue(longestS: number): Wire {
    const wire = new Wire(this);
    wire.#queueS = longestS;
    return wire;
  }

  /** Sends a call, again as far as it may, and returns the response, whose body the caller reads or cancels. */
  async open(call: Call): Promise<Opened> {
    for (let left = this.#retries; ; left--) {
      const got = await this.#send(call);
      if (got.response.ok) return got;
      const refused = await refusal(got);
      const after = refused.retryAfter;
      if (left <= 0 || after === null || after > longestPauseS || !notRun.includes(refused.code)) throw refused;
      await pause(after * 1000 * (1 + Math.random() / 2), call.signal); // clients that were refused together do not come back together
    }
  }

  /** Sends a call and reads the JSON of its answer. */
  async json<T>(call: Call): Promise<T> {
    const opened = await this.open(call);
    const text = await whole(opened, (response) => response.text());
    if (!is(opened.response, "application/json")) throw unexpected(opened, text);
    return decode<T>(text, opened.requestId);
  }

  /** Sends a call and reads the octets of its answer. They may take long, as long as they come. */
  async bytes(call: Call): Promise<ArrayBuffer> {
    const opened = await this.open(call);
    const { response, watch } = opened;
    watch.expect(silenceMs);
    const alive = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
      transform(piece, controller) {
        watch.expect(silenceMs);
        controller.enqueue(piece);
      },
    });
    return await whole(opened, () => new Response(response.body?.pipeThrough(alive)).arrayBuffer());
  }

  async #send(call: Call): Promise<Opened> {
    const streams = call.accept === ndjson;
    const waitMs = streams ? silenceMs + this.#queueS * 1000 : (call.runMs ?? 0) + this.#waitingMs + this.#queueS * 1000;
    const prefer = [
      ...(this.#queueS > 0 ? [`queue=${this.#queueS}`] : []),
      ...(streams || waitMs === Infinity ? [] : [`wait=${waitMs / 1000}`]), // the server refuses at once what would come too late
    ];
    const headers: Record<string, string> = { ...this.#headers, Accept: call.accept ?? "application/json" };
    if (call.body !== undefined) headers["Content-Type"] = call.type ?? "application/json";
    if (prefer.length > 0) headers["Prefer"] = prefer.join(", ");

    const watch = new Watch(call.signal, this.#url);
    watch.expect(waitMs);
    try {
      const response = await this.#fetch(this.#url + call.path, {
        method: call.method,
        headers,
        body: call.body ?? null,
        redirect: "manual", // hotcell has none, and the key is for nobody else
        signal: watch.signal,
      });
      return { response, watch, requestId: response.headers.get("X-Request-Id") ?? "" };
    } catch (error) {
      watch.end();
      throw watch.explain(error);
    }
  }
}

/** Parses JSON that a server sent. */
export function decode<T>(text: string, requestId: string): T {
  try {
    return JSON.parse(text) as T;
  } catch (error) {
    throw new UnexpectedAnswer(`cannot parse the answer: ${String(error)}`, requestId, error);
  }
}

async function whole<T>({ response, watch }: Opened, read: (response: Response) => Promise<T>): Promise<T> {
  try {
    return await read(response);
  } catch (error) {
    throw watch.explain(error);
  } finally {
    watch.end();
  }
}

async function refusal(opened: Opened): Promise<Refused> {
  const { response, requestId } = opened;
  const text = await whole(opened, (body) => body.text());
  if (!is(response, "application/problem+json")) throw unexpected(opened, text);
  const problem = decode<Problem>(text, requestId);
  if (typeof problem?.code !== "string") throw unexpected(opened, text);
  const after = response.headers.get("Retry-After") ?? "";
  return new Refused(problem, /^\d+$/.test(after) ? Number(after) : null);
}

function is(response: Response, type: string): boolean {
  return (response.headers.get("Content-Type") ?? "").split(";")[0]?.trim().toLowerCase() === type;
}

function unexpected({ response, requestId }: Opened, text: string): UnexpectedAnswer {
  return new UnexpectedAnswer(`HTTP ${response.status} at ${response.url} is not from hotcell: ${JSON.stringify(text.slice(0, 200))}`, requestId);
}

/** Returns a variable of the environment, in runtimes that have one. */
function environment(name: string): string | undefined {
  try {
    const { process } = globalThis as { process?: { env?: Record<string, string | undefined> } };
    return process?.env?.[name]?.trim() || undefined;
  } catch {
    return undefined; // Deno, without the permission
  }
}
