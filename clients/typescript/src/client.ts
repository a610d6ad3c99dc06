import { type BatchOptions, type BatchRun, type Case, runBatch } from "./batch.js";
import { type ClientOptions, Wire } from "./http.js";
import { Job, type JobOptions, type JobState } from "./job.js";
import { type CallOptions, Runner } from "./runner.js";
import { Session, type SessionOptions } from "./session.js";
import type { Capacity, Info, JobStatus } from "./types.js";

/** A client of a hotcell server. */
export class Hotcell extends Runner {
  constructor(options: ClientOptions = {}) {
    super(new Wire(options), "/execute");
  }

  /** Opens a session: one jail for many calls. */
  session(options: SessionOptions = {}): Promise<Session> {
    return Session.open(this.wire, options);
  }

  /** Returns the session with this id, which was opened elsewhere. */
  attach(id: string, options: CallOptions = {}): Promise<Session> {
    return Session.attach(this.wire, id, options);
  }

  /**
   * Runs each script with each case, and yields what comes of each as it ends. Cases are taken as they are sent, so there may be any number of
   * them. Leaving early cancels what has not finished. Throws {@link Refused} if the batch ends early.
   */
  batch<T = unknown>(
    script: string | readonly string[],
    cases: Iterable<Case> | AsyncIterable<Case>,
    options: BatchOptions = {},
  ): AsyncGenerator<BatchRun<T>, void, undefined> {
    return runBatch<T>(this.wire, typeof script === "string" ? [script] : script, cases, options);
  }

  /** Stores a script on the server's disk, where it runs when there is an idle cell, and returns its job. */
  submit<T = unknown>(script: string, options: JobOptions = {}): Promise<Job<T>> {
    return Job.submit<T>(this.wire, script, options);
  }

  /** Returns the job with this id, which was submitted here or elsewhere. */
  job<T = unknown>(id: string): Job<T> {
    return new Job<T>(this.wire, id);
  }

  /** Lists the newest jobs without their answers: all, or those with a status. */
  jobs(status?: JobStatus, options: CallOptions = {}): Promise<JobState[]> {
    return Job.list(this.wire, status, options);
  }

  /** Asks what runs now, and how many requests this client should have in flight. */
  capacity(options: CallOptions = {}): Promise<Capacity> {
    return this.wire.json({ method: "GET", path: "/capacity", ...options });
  }

  /** Asks for the server's version, its profiles with their packages, and limits. */
  info(options: CallOptions = {}): Promise<Info> {
    return this.wire.json({ method: "GET", path: "/info", ...options });
  }
}
