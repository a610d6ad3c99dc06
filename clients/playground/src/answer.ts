// The answer, as people read it.

import { bytes, button, element, fill } from "./dom";
import type { Editor } from "./editor";
import { parse } from "./exact";
import { collected } from "./files";
import { show } from "./tree";
import type { Answer, Failure, Problem } from "./wire";

const words: Record<string, string> = {
  ok: "The script ended well", exception: "The script raised an exception", not_json: "The result has no JSON form", timeout: "The script took too long",
  memory_limit: "The script used too much memory", output_limit: "The script wrote too much", exited: "The script exited", killed: "The script was killed",
};

// The script's own lines in a traceback: those that can be jumped to.
const place = /File "(?:\/box\/script\/)?script\.py", line (\d+)|^Cell In\[\d+\], line (\d+)/gm;

// summary says in a sentence how it ended.
export function summary(answer: Answer, took: number): string {
  const details = [
    ...(answer.limit === null ? [] : [`limit: ${answer.limit}`]),
    ...(answer.exit_code === null ? [] : [`exit status ${answer.exit_code}`]),
    ...(answer.signal === null ? [] : [answer.signal]),
  ];
  return `${words[answer.status] ?? answer.status}${details.length === 0 ? "" : ` (${details.join(", ")})`}, after ${milliseconds(answer.usage.wall_ms)}; ${milliseconds(took)} until it was here.`;
}

export function milliseconds(ms: number): string {
  return ms < 1000 ? `${ms.toFixed(ms < 10 ? 2 : 0)} ms` : `${(ms / 1000).toFixed(2)} s`;
}

// failure shows an error, with each line of the script in its traceback as a button.
export function failure(error: Failure, editor: Editor): void {
  editor.mark(error.line);
  const line = error.line;
  const jump = line === null ? [] : [" ", button(`Go to line ${line}`, () => editor.jump(line, error.column ?? 1))];
  fill(
    "error",
    element("p", {}, element("strong", {}, `${error.type}: ${error.message}`), ...jump),
    ...(error.hint === undefined ? [] : [element("p", {}, error.hint)]),
    ...(error.traceback === undefined || error.traceback === "" ? [] : [traceback(error.traceback, editor)]),
  );
}

export function traceback(text: string, editor: Editor): HTMLElement {
  const shown = element("pre", { tabIndex: 0, aria: { label: "Traceback" } });
  let from = 0;
  for (const match of text.matchAll(place)) {
    const line = Number(match[1] ?? match[2]);
    shown.append(text.slice(from, match.index), button(match[0], () => editor.jump(line), { className: "place", aria: { label: `${match[0]}: go there` } }));
    from = match.index + match[0].length;
  }
  shown.append(text.slice(from));
  return shown;
}

// problem shows why the server refused a request.
export function problem(refused: Problem, editor: Editor): void {
  const { line } = refused.error;
  if (line !== null && line !== undefined) {
    failure({ ...refused.error, type: refused.title }, editor);
    return;
  }
  fill(
    "error",
    element("p", {}, element("strong", {}, `${refused.title}: `), refused.detail),
    element("p", { className: "hint" }, `${refused.code}${refused.request_id === "" ? "" : `, request ${refused.request_id}`}`),
  );
}

// showAnswer shows all that is known only at the end.
export function showAnswer(answer: Answer, raw: string, took: number, editor: Editor): void {
  if (answer.error !== null) failure(answer.error, editor);
  if (answer.status === "ok" && answer.result !== null) fill("result", show((parse(raw) as { data: Answer }).data.result));
  fill("collected", ...collected(answer.files));
  fill("time", ...time(answer, took));
  fill("raw", raw.length > 100_000 ? `${raw.slice(0, 100_000)}…` : raw);
}

// time draws where the time went: a bar, and the same as a list.
function time(answer: Answer, took: number): HTMLElement[] {
  const { queue_ms, handoff_ms, run_ms } = answer.timing;
  const parts: [string, string, number][] = [
    ["queue", "in line", queue_ms], ["handoff", "until the cell had it", handoff_ms], ["run", "in the cell", run_ms],
    ["rest", "network, and this page", Math.max(0, took - queue_ms - handoff_ms - run_ms)],
  ];
  const whole = parts.reduce((sum, [, , ms]) => sum + ms, 0) || 1;
  const bar = element("div", { className: "time-bar", aria: { hidden: "true" } }, ...parts.map(([name, , ms]) => {
    const part = element("span", { className: `time-${name}` });
    part.style.flexGrow = String(ms / whole);
    return part;
  }));
  const list = element("ul", { className: "time-list" }, ...parts.map(([name, what, ms]) =>
    element("li", {}, element("span", { className: `swatch time-${name}`, aria: { hidden: "true" } }), `${what}: ${milliseconds(ms)}`)));
  const { cpu_ms, peak_memory_bytes } = answer.usage;
  const used = [
    ...(cpu_ms === null ? [] : [`${milliseconds(cpu_ms)} of CPU time`]),
    ...(peak_memory_bytes === null ? [] : [`${bytes(peak_memory_bytes)} of memory at most`]),
  ];
  return [bar, list, ...(used.length === 0 ? [] : [element("p", { className: "hint" }, used.join(", "))])];
}
