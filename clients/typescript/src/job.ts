/** Jobs: scripts that the server keeps on disk until they are answered. */
import { HotcellError, Refused, UnexpectedAnswer } from "./errors.js";
import { ndjson, type Wire } from "./http.js";
import { lines } from "./lines.js";
import { type CallOptions, type Options, readAnswer, request } from "./runner.js";
import type { Answer, JobStatus, Schemas } from "./types.js";

/** How a job runs: fields of the request, and of the script's, as in docs/jobs.md. */
export interface JobOptions extends Options, Omit<Schemas["JobRequest"], "execute" | "batch"> {}

/** A job as the server describes it, with its answer if it is done. */
export type JobState<T = unknown> = Omit<Schemas["Job"], "answer"> & { answer?: Answer<T> };

/** The job has ended without an answer: it was cancelled, has expired, or is lost. `code` is its status. */
export class JobEnded extends HotcellError {
  override readonly name = "JobEnded";
  declare readonly code: JobStatus;

  constructor(readonly state: JobState) {
    super(`job ${state.id} is ${state.status}: ${state.reason ?? ""}`, state.status, "");
  }
}

/** A job on the server, which survives this process and the server's. */
export class Job<T = unknown> {
  readonly #wire: Wire;
  readonly #path: string;

  /** @internal */
  constructor(
    wire: Wire,
    readonly id: string,
  ) {
    if (!/^[A-Z2-7]+$/.test(id)) throw new TypeError(`${JSON.stringify(id)} is not the id of a job`); // it could change the URL
    this.#wire = wire;
    this.#path = `/jobs/${id}`;
  }

  /** @internal */
  static async submit<T>(wire: Wire, script: string, { signal, expires_s, idempotency_key, webhook, ...options }: JobOptions): Promise<Job<T>> {
    const execute = await request({ ...options, script });
    const body = JSON.stringify({ execute, expires_s, idempotency_key, webhook });
    return new Job<T>(wire, (await wire.json<JobState>({ method: "POST", path: "/jobs", body, signal })).id);
  }

  /** @internal */
  static async list(wire: Wire, status: JobStatus | undefined, options: CallOptions): Promise<JobState[]> {
    const query = status === undefined ? "" : `?status=${status}`;
    return (await wire.json<{ jobs: JobState[] }>({ method: "GET", path: `/jobs${query}`, ...options })).jobs;
  }

  /** Asks the server how far the job is. */
  state(options: CallOptions = {}): Promise<JobState<T>> {
    return this.#ask("GET", 0, options);
  }

  /**
   * Waits until the job has ended, and returns its answer, however the script ended. Throws {@link Refused} if the script was not run, and
   * {@link JobEnded} if the job has no answer. `signal: AbortSignal.timeout(ms)` waits for so long; the job goes on.
   */
  async wait(options: CallOptions = {}): Promise<Answer<T>> {
    for (;;) {
      const state = await this.#ask("GET", 20, options);
      if (state.status === "queued" || state.status === "running") continue;
      if (state.problem !== undefined) throw new Refused(state.problem);
      if (state.answer === undefined) throw new JobEnded(state);
      return state.answer;
    }
  }

  /** Yields the job now and each time that it changes; last, with its answer. The stream ends early if the server shuts down: then ask again. */
  async *events(options: CallOptions = {}): AsyncGenerator<JobState<T>, void, undefined> {
    const opened = await this.#wire.open({ method: "GET", path: `${this.#path}/events`, accept: ndjson, ...options });
    for await (const { event, data } of lines<{ event: string; data: Schemas["Job"] }>(opened)) {
      if (event === "status" || event === "end") yield read<T>(data);
      if (event === "end") return;
    } // others keep the connection open, or are newer than this version
  }

  /** Cancels the job, also while it runs. One that has ended stays as it is. */
  cancel(options: CallOptions = {}): Promise<JobState<T>> {
    return this.#ask("DELETE", 0, options);
  }

  async #ask(method: "GET" | "DELETE", waitS: number, options: CallOptions): Promise<JobState<T>> {
    const query = waitS > 0 ? `?wait_s=${waitS}` : "";
    return read<T>(await this.#wire.json<Schemas["Job"]>({ method, path: this.#path + query, runMs: waitS * 1000, ...options }));
  }
}

function read<T>({ answer, ...state }: Schemas["Job"]): JobState<T> {
  if (typeof state.id !== "string") throw new UnexpectedAnswer("the answer is not a job");
  return answer === undefined ? state : { ...state, answer: readAnswer<T>(answer) };
}
