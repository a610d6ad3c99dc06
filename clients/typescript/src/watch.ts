import { NoAnswer } from "./errors.js";

/** Aborts one request: when the caller's signal does, or when the server is silent for too long. */
export class Watch {
  readonly #controller = new AbortController();
  readonly #caller: AbortSignal | undefined;
  readonly #url: string;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(caller: AbortSignal | undefined, url: string) {
    this.#caller = caller;
    this.#url = url;
    if (caller?.aborted) this.#abort();
    else caller?.addEventListener("abort", this.#abort, { once: true });
  }

  readonly #abort = (): void => this.#controller.abort(this.#caller?.reason);

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Gives the server so long for its next sign of life. Infinity means for ever. */
  expect(ms: number): void {
    clearTimeout(this.#timer);
    if (ms > longest) return;
    this.#timer = setTimeout(() => this.#controller.abort(new NoAnswer(`the server did not answer within ${ms / 1000} s`)), ms);
  }

  /** Stops the clock while the caller takes its time. */
  rest(): void {
    clearTimeout(this.#timer);
  }

  /** Returns the error that an exception of the request means: the reason for which it was aborted, or a broken connection. */
  explain(error: unknown): unknown {
    if (this.signal.aborted) return this.signal.reason;
    return new NoAnswer(`no answer from ${this.#url}: ${error instanceof Error ? reason(error) : String(error)}`, error);
  }

  /** Lets go of the caller's signal, which may live longer than the request. */
  end(): void {
    clearTimeout(this.#timer);
    this.#caller?.removeEventListener("abort", this.#abort);
  }
}

const longest = 2 ** 31 - 1; // what timers take

/** Node says "fetch failed", and in the cause why. */
function reason(error: Error): string {
  const cause: unknown = error.cause;
  return cause instanceof Error ? cause.message || cause.name : error.message;
}

/** Waits, unless the signal ends that; then it throws the signal's reason. */
export function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", abort);
      resolve();
    }, ms);
    if (signal?.aborted) abort();
    else signal?.addEventListener("abort", abort, { once: true });
  });
}
