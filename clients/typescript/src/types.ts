/** What the server sends, by the types that openapi.yaml has for it. */
import type { components } from "./schema.js";

export type Schemas = components["schemas"];

/** How a script ended. */
export type Status = Schemas["Status"];
/** Why the server refused a request. */
export type Code = Schemas["Code"];
/** A refusal as the server sends it. */
export type Problem = Schemas["Problem"];
/** Limits of a script. The server has a default and a maximum for each. */
export type Limits = Schemas["Limits"];
/** What a script is: `function`, `program` or `cell`. */
export type Mode = Schemas["Mode"];
/** Something that a script showed: a picture, a table, a value. */
export type Output = Schemas["Output"];
/** An exception of a script. */
export type ScriptException = Schemas["Error"];
/** A session as the server describes it. */
export type SessionState = Schemas["Session"];
/** How far a job is. */
export type JobStatus = Schemas["JobStatus"];
export type Capacity = Schemas["Capacity"];
export type Info = Schemas["Info"];

/** What an answer has by its status. The compiler refuses a status of openapi.yaml that is missing here. */
interface Ends<T> {
  ok: { result: T; error: null };
  exception: { result: null; error: ScriptException };
  not_json: { result: null; error: ScriptException };
  timeout: { result: null; limit: "wall" | "cpu" };
  memory_limit: { result: null; limit: "memory" };
  output_limit: { result: null };
  exited: { result: null; exit_code: number };
  killed: { result: null; signal: string };
}

type Common = Omit<Schemas["Answer"], "status" | "result" | "files"> & {
  /** Collected files by their paths. The script chose the paths. */
  files: Map<string, Uint8Array<ArrayBuffer>>;
};

/**
 * What came of a script, however it ended: a union by `status`.
 *
 * Numbers are JavaScript's: integers above 2 ** 53 lose digits, unless the script returns them as text.
 */
export type Answer<T = unknown> = {
  [S in Status]: Omit<Common, keyof Ends<T>[S]> & { status: S } & Ends<T>[S];
}[Status];
