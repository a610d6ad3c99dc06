// A session: one cell for many calls, and the names that they leave in it.

import { ask, post, Refused } from "./api";
import { byId, element, fill } from "./dom";
import * as files from "./sessionfiles";
import type { Answer, Execution } from "./wire";

let id: string | null = null;
let beginning: Promise<string> | null = null; // the route of the session that is being made, or is there

// Calls have the session's own limits of these.
const ofSession = ["memory_bytes", "disk_bytes", "processes"];

// What is not data is left out, and what IPython puts there.
const list = `[
    [name, type(value).__name__, repr(value)[:200]]
    for name, value in list(globals().items())
    if not name.startswith("_") and name not in ("In", "Out", "exit", "quit", "get_ipython") and type(value).__name__ not in ("module", "function", "type", "builtin_function_or_method")
][:200]`;

// fix lets the visitor change, or not, what a session keeps for as long as it lives.
function fix(kept: boolean): void {
  for (const field of ["profile", ...ofSession.map((name) => `limit-${name}`)]) {
    const found = document.getElementById(field) as HTMLInputElement | null;
    if (found !== null) found.disabled = kept;
  }
}

// wanted reports whether the visitor has chosen a session.
export function wanted(): boolean {
  return byId<HTMLInputElement>("session").checked;
}

// begin makes the session when it is first used, and returns its route. A second use
// meanwhile waits for the same session.
export function begin({ profile, limits }: Pick<Execution, "profile" | "limits">): Promise<string> {
  if (beginning !== null) return beginning;
  const mine: Promise<string> = make({ profile, limits }).then((made) => {
    if (beginning === mine) { // it was not ended meanwhile
      id = made;
      fix(true);
    }
    return `sessions/${made}`;
  }, (error: unknown) => {
    if (beginning === mine) beginning = null;
    throw error;
  });
  return (beginning = mine);
}

async function make(asked: Pick<Execution, "profile" | "limits">): Promise<string> {
  return ((await (await post("sessions", asked)).json()) as { id: string }).id;
}

// enter returns where to send a request, and what of it.
export async function enter(request: Execution): Promise<{ route: string; body: Execution }> {
  if (!wanted()) return { route: "execute", body: request };
  const { profile, limits, ...rest } = request;
  const route = await begin({ profile, limits });
  const own = Object.entries(limits ?? {}).filter(([name]) => !ofSession.includes(name));
  return { route: `${route}/execute`, body: own.length === 0 ? rest : { ...rest, limits: Object.fromEntries(own) } };
}

// interrupt stops the call that runs, and keeps the session. It reports whether there is
// one.
export function interrupt(): boolean {
  if (id === null) return false;
  void ask(`sessions/${id}/interrupt`, { method: "POST" }).catch(() => undefined);
  return true;
}

// gone forgets a session that has ended.
export function gone(): void {
  id = beginning = null;
  fix(false);
  fill("variables");
  files.forget(wanted());
}

// showFiles lists the session's files, if it has begun.
export async function showFiles(): Promise<void> {
  if (id !== null) await files.list(`sessions/${id}`);
}

// end ends the session, if there is one or one is being made.
export function end(): void {
  const remove = (route: string) => ask(route, { method: "DELETE", keepalive: true });
  if (id !== null) void remove(`sessions/${id}`).catch(() => undefined); // at once: the page may be about to go
  else void beginning?.then(remove).catch(() => undefined);
  gone();
}

// showNames lists what the session has. The values are texts that the cell made.
export async function showNames(): Promise<void> {
  if (id === null) return;
  const body: Execution = { script: list, mode: "function", limits: { result_bytes: 256 << 10 } };
  let answer: Answer;
  try {
    answer = (await (await post(`sessions/${id}/execute`, body)).json()) as Answer;
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    if (error.problem.code !== "gone" && error.problem.code !== "not_found") { // it lives
      fill("variables", element("p", {}, `The names cannot be listed: ${error.message}.`));
      return;
    }
    gone();
    fill("variables", element("p", {}, "The session has ended. The next run begins another."));
    return;
  }
  if (answer.status !== "ok" || !Array.isArray(answer.result)) {
    fill("variables", element("p", {}, "The names cannot be listed."));
    return;
  }
  const text = (cell: unknown) => (typeof cell === "string" ? cell : JSON.stringify(cell));
  const named = answer.result.filter((row): row is unknown[] => Array.isArray(row)).slice(0, 200); // a cell may answer anything
  const rows = named.map((row) => element("tr", {}, ...row.slice(0, 3).map((cell) => element("td", {}, text(cell)))));
  const head = element("tr", {}, ...["name", "type", "value"].map((name) => element("th", { scope: "col" }, name)));
  const table = element("table", { className: "names" }, element("thead", {}, head), element("tbody", {}, ...rows));
  fill("variables", rows.length === 0 ? element("p", { className: "hint" }, "None yet.") : element("div", { className: "scroll", tabIndex: 0, role: "region", aria: { label: "Names in the session" } }, table));
}
