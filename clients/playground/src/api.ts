// Requests to the server that the page came from, with the key of this tab.

import { storedKey } from "./keys";
import type { Event, Problem } from "./wire";

// Refused is a request that the server refused.
export class Refused extends Error {
  constructor(readonly problem: Problem) {
    super(problem.detail);
  }
}

// Lost is a connection that broke, or a server that is not there.
export class Lost extends Error {}

// address returns the URL of a route. The page may be below a prefix of a proxy. A name and
// a password in the page's own address are left out: fetch refuses them, and what is copied
// goes elsewhere.
export function address(route: string): string {
  const url = new URL(route, document.baseURI);
  url.username = url.password = "";
  return url.href;
}

// ask sends a request. It throws Refused if the server refuses it, Lost if it cannot be
// reached, and the browser's AbortError if the signal ends it.
export async function ask(route: string, init: RequestInit = {}): Promise<Response> {
  const headers = new Headers(init.headers);
  const key = storedKey();
  if (key !== "") headers.set("Authorization", `Bearer ${key}`);
  let response: Response;
  try {
    response = await fetch(address(route), { ...init, headers, credentials: "omit", redirect: "error" });
  } catch (error) {
    throw init.signal?.aborted === true ? error : new Lost("the server does not answer");
  }
  if (!response.ok) throw new Refused(await problemOf(response));
  return response;
}

// post sends JSON.
export function post(route: string, body: unknown, accept = "application/json", signal: AbortSignal | null = null): Promise<Response> {
  return ask(route, { method: "POST", body: JSON.stringify(body), headers: { "Content-Type": "application/json", Accept: accept }, signal });
}

// problemOf reads a refusal. One that is not hotcell's own comes from a proxy.
async function problemOf(response: Response): Promise<Problem> {
  const text = await response.text().catch(() => "");
  try {
    const problem = JSON.parse(text) as Problem;
    if (typeof problem.detail === "string" && typeof problem.code === "string" && typeof problem.error?.message === "string") return problem;
  } catch {
    // it is not JSON
  }
  const detail = `the server answered ${response.status} ${response.statusText}`;
  return { title: detail, status: response.status, detail, code: "unknown", request_id: "", error: { type: "unknown", message: detail, line: null } };
}

// run sends a script and yields each event with the line that it came in.
export async function* run(route: string, body: unknown, signal: AbortSignal): AsyncGenerator<{ event: Event; line: string }> {
  const response = await post(route, body, "application/x-ndjson", signal);
  const reader = response.body?.getReader();
  const decoder = new TextDecoder();
  let pieces: string[] = []; // of a line that is not whole yet
  try {
    for (;;) {
      let chunk: ReadableStreamReadResult<Uint8Array> | undefined;
      try {
        chunk = await reader?.read();
      } catch (error) {
        throw signal.aborted ? error : new Lost("the connection broke before the answer was whole");
      }
      if (chunk === undefined || chunk.done) break;
      const lines = decoder.decode(chunk.value, { stream: true }).split("\n");
      for (const end of lines.slice(0, -1)) {
        const line = pieces.join("") + end;
        pieces = [];
        if (line.trim() !== "") yield { event: JSON.parse(line) as Event, line };
      }
      pieces.push(lines[lines.length - 1] ?? "");
    }
  } finally {
    void reader?.cancel().catch(() => undefined); // a caller who leaves early ends the script
  }
  // Every answer ends with a result or a problem; the caller has seen it by now.
}
