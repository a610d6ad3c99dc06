/** Batches: many runs in one request. */
import { Refused, UnexpectedAnswer } from "./errors.js";
import type { Files } from "./files.js";
import { type Call, ndjson, type Wire } from "./http.js";
import { lines } from "./lines.js";
import { type CallOptions, readAnswer, request } from "./runner.js";
import type { Answer, Problem, Schemas } from "./types.js";

/** What a script runs with. */
export interface Case extends Omit<Schemas["BatchCase"], "files"> {
  files?: Files;
}

/** How a batch runs: fields of the request, as in docs/batches.md. */
export interface BatchOptions extends Omit<Schemas["Batch"], "script" | "scripts" | "cases">, CallOptions {}

/** What came of a script with a case, by their indexes. */
export interface BatchRun<T = unknown> {
  script: number;
  case: number;
  verdict: Schemas["BatchVerdict"];
  /** null if there is a problem. */
  answer: Answer<T> | null;
  problem: Refused | null;
}

type Line = Schemas["BatchRun"] | Schemas["BatchSummary"];

// One request has at most so much: the server then reads it as a whole, and fetch,
// which sends all before it reads, can carry it.
const mostBytes = 4 << 20;
const mostCases = 1000;

/** Runs each script with each case, in as many requests as that takes, one after the other. */
export async function* runBatch<T>(
  wire: Wire,
  scripts: readonly string[],
  cases: Iterable<Case> | AsyncIterable<Case>,
  { signal, ...options }: BatchOptions,
): AsyncGenerator<BatchRun<T>, void, undefined> {
  const failed = new Set<number>();
  for await (const part of parts(cases, size(JSON.stringify(scripts)))) {
    const active = scripts.map((_, index) => index).filter((index) => !failed.has(index));
    if (active.length === 0) return;
    const head = JSON.stringify({ scripts: active.map((index) => scripts[index]), ...options });
    const body = `${head.slice(0, -1)},"cases":[${part.cases.join(",")}]}`;
    for await (const run of runPart<T>(wire, { method: "POST", path: "/batches", body, accept: ndjson, signal }, part.first)) {
      const script = active[run.script] ?? run.script;
      if (options.stop_on_failure && run.verdict !== "accepted") failed.add(script);
      yield { ...run, script };
    }
  }
}

async function* runPart<T>(wire: Wire, call: Call, first: number): AsyncGenerator<BatchRun<T>, void, undefined> {
  const opened = await wire.open(call);
  for await (const line of lines<Line>(opened)) {
    if ("counts" in line) {
      if (line.problem !== null) throw new Refused(fromFirst(line.problem, first));
      return;
    }
    yield {
      script: line.script,
      case: first + line.case,
      verdict: line.verdict,
      answer: line.answer === null ? null : readAnswer<T>(line.answer),
      problem: line.problem === null ? null : new Refused(line.problem),
    };
  }
  throw new UnexpectedAnswer("the batch ended without its last line", opened.requestId);
}

/** Cases of one request, as JSON, and the index of the first. */
interface Part {
  first: number;
  cases: string[];
}

async function* parts(cases: Iterable<Case> | AsyncIterable<Case>, head: number): AsyncGenerator<Part, void, undefined> {
  let part: Part = { first: 0, cases: [] };
  let bytes = head;
  for await (const each of cases) {
    const text = JSON.stringify(await request(each));
    const length = size(text);
    if (part.cases.length > 0 && (bytes + length > mostBytes || part.cases.length >= mostCases)) {
      yield part;
      part = { first: part.first + part.cases.length, cases: [] };
      bytes = head;
    }
    part.cases.push(text);
    bytes += length + 1;
  }
  if (part.cases.length > 0 || part.first === 0) yield part;
}

function size(text: string): number {
  return new TextEncoder().encode(text).length;
}

/** Counts cases from the first one of all requests. */
function fromFirst(problem: Problem, first: number): Problem {
  return { ...problem, detail: problem.detail.replace(/^\/cases\/(\d+)/, (_, index) => `/cases/${first + Number(index)}`) };
}
