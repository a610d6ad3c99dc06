/**
 * A client for hotcell, which runs Python that you do not trust in warm jails.
 *
 * ```ts
 * const hotcell = new Hotcell({ url: "http://127.0.0.1:8080" });
 * await hotcell.run("def main(a): return a * 2", { args: [21] }); // 42
 * ```
 *
 * @module
 */
export type { BatchOptions, BatchRun, Case } from "./batch.js";
export { Hotcell } from "./client.js";
export {
  Exited,
  HotcellError,
  Killed,
  MemoryLimit,
  NoAnswer,
  NotJSON,
  OutputLimit,
  Refused,
  RunError,
  ScriptError,
  TimeLimit,
  UnexpectedAnswer,
} from "./errors.js";
export type { FileContent, Files } from "./files.js";
export type { ClientOptions } from "./http.js";
export { Job, JobEnded, type JobOptions, type JobState } from "./job.js";
export type { CallOptions, Event, Options } from "./runner.js";
export { Session, type SessionFile, SessionFiles, type SessionOptions } from "./session.js";
export { type PythonTool, type ToolOptions, tool } from "./tool.js";
export type { Answer, Capacity, Code, Info, JobStatus, Limits, Mode, Output, Problem, ScriptException, SessionState, Status } from "./types.js";
export { version } from "./version.js";
