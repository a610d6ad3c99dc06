import type { Answer, Code, Problem, Status } from "./types.js";

/** The base class of all errors that this package throws. */
export class HotcellError extends Error {
  override readonly name: string = "HotcellError";

  constructor(
    message: string,
    /** What went wrong, for programs. */
    readonly code: string,
    /** The request's id, as in the server's log; empty if there is none. */
    readonly requestId: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** The server did not answer: no connection, one that broke off, or an answer that takes too long. */
export class NoAnswer extends HotcellError {
  override readonly name = "NoAnswer";

  constructor(message: string, cause?: unknown) {
    super(message, "no_answer", "", { cause });
  }
}

/** The answer does not follow hotcell's contract: it came from a proxy or another server. */
export class UnexpectedAnswer extends HotcellError {
  override readonly name = "UnexpectedAnswer";

  constructor(message: string, requestId = "", cause?: unknown) {
    super(message, "unexpected_answer", requestId, { cause });
  }
}

/** The server did not run the script. */
export class Refused extends HotcellError {
  override readonly name = "Refused";
  declare readonly code: Code;
  /** The HTTP status. */
  readonly status: number;
  readonly detail: string;
  /** What is wrong with the request, by JSON pointer. */
  readonly errors: NonNullable<Problem["errors"]>;
  /** How the jail of a session ended, if that is why. */
  readonly verdict: NonNullable<Problem["verdict"]> | null;

  constructor(
    /** The problem as the server sent it, with all of its members. */
    readonly problem: Problem,
    /** Seconds after which another attempt may succeed; null if it would not. */
    readonly retryAfter: number | null = null,
  ) {
    super(`${problem.code}: ${problem.detail}`, problem.code, problem.request_id);
    this.status = problem.status;
    this.detail = problem.detail;
    this.errors = problem.errors ?? [];
    this.verdict = problem.verdict ?? null;
  }
}

/** The script ran, and did not end with "ok". `code` is the answer's status. */
export class RunError extends HotcellError {
  override readonly name: string = "RunError";
  declare readonly code: Exclude<Status, "ok">;

  constructor(readonly answer: Answer) {
    super(describe(answer), answer.status, answer.id);
  }
}

/** The script raised an exception: `answer.error`. */
export class ScriptError extends RunError {
  override readonly name = "ScriptError";
}

/** main returned what JSON cannot hold. */
export class NotJSON extends RunError {
  override readonly name = "NotJSON";
}

/** The script exceeded its limit of wall clock or CPU time. */
export class TimeLimit extends RunError {
  override readonly name = "TimeLimit";
}

/** The script exceeded its memory limit. */
export class MemoryLimit extends RunError {
  override readonly name = "MemoryLimit";
}

/** What the script wrote, returned, showed or left in files was too large. */
export class OutputLimit extends RunError {
  override readonly name = "OutputLimit";
}

/** The script's process ended by itself, before main returned. */
export class Exited extends RunError {
  override readonly name = "Exited";
}

/** The script's process was killed by a signal. */
export class Killed extends RunError {
  override readonly name = "Killed";
}

const byStatus: Record<Exclude<Status, "ok">, typeof RunError> = {
  exception: ScriptError,
  not_json: NotJSON,
  timeout: TimeLimit,
  memory_limit: MemoryLimit,
  output_limit: OutputLimit,
  exited: Exited,
  killed: Killed,
};

/** Returns the error for an answer that is not "ok". A newer server may have a status that is not known here. */
export function runError(answer: Exclude<Answer, { status: "ok" }>): RunError {
  return new (byStatus[answer.status] ?? RunError)(answer);
}

function describe(answer: Answer): string {
  const parts = [answer.error === null ? `status ${answer.status}` : `${answer.error.type}: ${answer.error.message}`];
  if (answer.error !== null && answer.error.line !== null) parts.push(`line ${answer.error.line} of the script`);
  if (answer.limit !== null) parts.push(`limit ${answer.limit}`);
  if (answer.exit_code !== null) parts.push(`exit_code ${answer.exit_code}`);
  if (answer.signal !== null) parts.push(`signal ${answer.signal}`);
  return parts.join(", ");
}
