import { Refused, UnexpectedAnswer } from "./errors.js";
import type { FileContent, Files } from "./files.js";
import { usualMs, type Wire } from "./http.js";
import { type CallOptions, Runner, request } from "./runner.js";
import type { Schemas, SessionState } from "./types.js";

/** How a session opens: fields of the request, as in docs/sessions.md. */
export interface SessionOptions extends Omit<Schemas["SessionRequest"], "files">, CallOptions {
  /** Files for the working directory, by their paths. */
  files?: Files;
}

/** A file of a session, by its path below the working directory. */
export interface SessionFile {
  path: string;
  bytes: number;
}

/**
 * A jail that keeps names and files between calls. Open it with `await using`, or close it.
 *
 * A call over its time is interrupted, and the session lives. One that crashes, is killed or exceeds a limit of memory or output ends the
 * session: later calls throw {@link Refused} with the code "gone".
 */
export class Session extends Runner implements AsyncDisposable {
  readonly #path: string;
  readonly #wallMs: number | undefined;
  /** The files of the session, as large as its disk. */
  readonly files: SessionFiles;

  /** @internal */
  constructor(
    wire: Wire,
    readonly id: string,
    wallMs: number | undefined,
  ) {
    const path = sessionPath(id);
    super(wire, `${path}/execute`, wallMs ?? usualMs);
    this.#path = path;
    this.#wallMs = wallMs;
    this.files = new SessionFiles(wire, path);
  }

  /** @internal */
  static async open(wire: Wire, { signal, ...options }: SessionOptions): Promise<Session> {
    return Session.#of(wire, await wire.json({ method: "POST", path: "/sessions", body: JSON.stringify(await request(options)), signal }));
  }

  /** @internal */
  static async attach(wire: Wire, id: string, options: CallOptions): Promise<Session> {
    return Session.#of(wire, await wire.json({ method: "GET", path: sessionPath(id), ...options }));
  }

  static #of(wire: Wire, state: SessionState): Session {
    if (!sessionId.test(state.id)) throw new UnexpectedAnswer(`${JSON.stringify(state.id)} is not a session's id`);
    return new Session(wire, state.id, state.limits.wall_ms);
  }

  /**
   * Returns the same session for a caller who waits in line, at most so many seconds, while another call runs in it. Without it, such a call or
   * transfer throws {@link Refused} with the code "busy".
   */
  queue(longestS: number): Session {
    return new Session(this.wire.queue(longestS), this.id, this.#wallMs);
  }

  /** Asks the server how the session is. */
  state(options: CallOptions = {}): Promise<SessionState> {
    return this.wire.json({ method: "GET", path: this.#path, ...options });
  }

  /** Lets the session live for so many seconds from now on, up to the server's `session_ttl` in all. */
  prolong(ttlS: number, options: CallOptions = {}): Promise<SessionState> {
    return this.wire.json({ method: "PATCH", path: this.#path, body: JSON.stringify({ ttl_s: ttlS }), ...options });
  }

  /** Interrupts the running call, as Ctrl-C does, and returns whether there is one. */
  async interrupt(options: CallOptions = {}): Promise<boolean> {
    const { interrupted } = await this.wire.json<{ interrupted: boolean }>({ method: "POST", path: `${this.#path}/interrupt`, ...options });
    return interrupted;
  }

  /** Ends the session and any running call. It may have ended already. */
  async close(): Promise<void> {
    try {
      await this.wire.bytes({ method: "DELETE", path: this.#path });
    } catch (error) {
      if (!(error instanceof Refused && ["gone", "not_found"].includes(error.code))) throw error;
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** The files of a session. */
export class SessionFiles {
  readonly #wire: Wire;
  readonly #path: string;

  /** @internal */
  constructor(wire: Wire, session: string) {
    this.#wire = wire;
    this.#path = `${session}/files`;
  }

  /** Lists files in and below the working directory: all, or those like "out/**"; at most 10,000. */
  async list(pattern?: string, options: CallOptions = {}): Promise<SessionFile[]> {
    const query = pattern === undefined ? "" : `?pattern=${encodeURIComponent(pattern)}`;
    return (await this.#wire.json<{ files: SessionFile[] }>({ method: "GET", path: this.#path + query, ...options })).files;
  }

  /** Reads a file. Throws {@link Refused} with the code "not_found" if there is none. */
  async read(path: string, options: CallOptions = {}): Promise<Uint8Array<ArrayBuffer>> {
    return new Uint8Array(await this.#wire.bytes({ method: "GET", path: this.#place(path), accept: "*/*", ...options }));
  }

  /** Reads a file of UTF-8. */
  async text(path: string, options: CallOptions = {}): Promise<string> {
    return new TextDecoder("utf-8", { ignoreBOM: true }).decode(await this.read(path, options));
  }

  /** Writes a file. A Blob is not read into memory. */
  async write(path: string, content: FileContent, options: CallOptions = {}): Promise<void> {
    const runMs = size(content) / slowest;
    await this.#wire.bytes({ method: "PUT", path: this.#place(path), body: content, type: "application/octet-stream", runMs, ...options });
  }

  /** Removes a file. */
  async remove(path: string, options: CallOptions = {}): Promise<void> {
    await this.#wire.bytes({ method: "DELETE", path: this.#place(path), ...options });
  }

  #place(path: string): string {
    const parts = path.split("/");
    if (parts.some((part) => ["", ".", ".."].includes(part))) throw new TypeError(`${JSON.stringify(path)} is not a path below a directory`);
    return `${this.#path}/${parts.map(encodeURIComponent).join("/")}`;
  }
}

const slowest = 64; // bytes a millisecond, for a file on its way to the server

function size(content: FileContent): number {
  if (typeof content === "string") return content.length;
  return content instanceof Blob ? content.size : content.byteLength;
}

const sessionId = /^[A-Za-z0-9][A-Za-z0-9._-]*$/; // another could lead to another address

function sessionPath(id: string): string {
  if (!sessionId.test(id)) throw new TypeError(`${JSON.stringify(id)} is not a session's id`);
  return `/sessions/${id}`;
}
