// The page: what happens when.

import { problem, showAnswer, summary } from "./answer";
import { ask, Lost, Refused, run } from "./api";
import { asText, type Kind } from "./copyas";
import { byId, element, fill, latest } from "./dom";
import { openEditor } from "./editor";
import { examples } from "./examples";
import { parse } from "./exact";
import { openFiles } from "./files";
import { offer, read, set, Wrong } from "./form";
import { askForKey, storedKey } from "./keys";
import { readLink } from "./link";
import { Log } from "./log";
import { shown } from "./outputs";
import * as session from "./session";
import { bind as bindFiles } from "./sessionfiles";
import { bindPanels } from "./panels";
import type { Execution, Info, Output } from "./wire";

const status = byId("status");
let running: AbortController | null = null;

const editor = openEditor(byId("editor"), () => void runScript(), () => changed());

// say tells in one line what goes on; screen readers read it out.
function say(text: string, kind: "" | "busy" | "good" | "bad" = ""): void {
  status.textContent = text;
  status.className = kind;
}

// failed shows why something did not work.
async function failed(error: unknown): Promise<void> {
  if (error instanceof Refused) {
    if (error.problem.code === "gone" || error.problem.code === "not_found") session.gone();
    say("The server refused the request.", "bad");
    problem(error.problem, editor);
    if (error.problem.status === 401 && (await askForKey(error.problem.detail))) await begin();
  } else if (error instanceof Lost) {
    say(`The connection is lost: ${error.message}.`, "bad");
  } else if (error instanceof Wrong) {
    say(`Nothing was sent: ${error.message}.`, "bad");
    byId<HTMLDetailsElement>("input-part").open = true;
    byId(error.field).focus();
  } else if (error instanceof DOMException && error.name === "AbortError") {
    say("Stopped.");
  } else {
    say(`This page failed: ${String(error)}`, "bad");
  }
}

async function runScript(): Promise<void> {
  if (running !== null) return;
  const stopping = (running = new AbortController());
  byId<HTMLButtonElement>("run").disabled = true;
  byId<HTMLButtonElement>("stop").disabled = false;
  say("Running…", "busy");
  editor.mark(null);
  for (const part of ["error", "outputs", "result", "collected", "time", "raw"]) fill(part);
  const log = new Log();
  try {
    const request = await read(editor.text());
    const { route, body } = await session.enter(request);
    const began = performance.now();
    let ended = false;
    for await (const { event, line } of run(route, body, stopping.signal)) {
      switch (event.event) {
        case "stdout":
        case "stderr":
          log.add(event.data.text, event.event === "stderr");
          break;
        case "output":
          byId("outputs-part").hidden = false;
          byId("outputs").append(shown((parse(line) as { data: Output }).data));
          break;
        case "problem":
          throw new Refused(event.data);
        case "result": {
          ended = true;
          const took = performance.now() - began;
          say(summary(event.data, took), event.data.status === "ok" ? "good" : "bad");
          showAnswer(event.data, line, took, editor);
        }
      }
    }
    if (session.wanted()) {
      await session.showNames();
      await session.showFiles();
    }
    if (!ended) throw new Lost("the connection broke before the answer was whole");
  } catch (error) {
    void failed(error);
  } finally {
    log.flush();
    running = null;
    byId<HTMLButtonElement>("run").disabled = false;
    byId<HTMLButtonElement>("stop").disabled = true;
  }
}

// changed refreshes the text of the request, if it is open.
function changed(): void {
  if (byId<HTMLDetailsElement>("copy-part").open) void showCopy();
}

const showCopy = latest(async () => {
  try {
    return await asText(byId<HTMLSelectElement>("copy-kind").value as Kind, await read(editor.text()));
  } catch (error) {
    return error instanceof Wrong ? error.message : String(error);
  }
}, (text) => (byId("copy-text").textContent = text));

async function copy(): Promise<void> {
  const text = await showCopy();
  try {
    await navigator.clipboard.writeText(text);
    say("Copied.");
  } catch {
    window.getSelection()?.selectAllChildren(byId("copy-text"));
    say("This browser does not let the page copy: the text is selected, press Ctrl C.");
  }
}

function fillIn(request: Partial<Execution>): void {
  editor.replace(request.script ?? "");
  set(request);
  changed();
}

async function openLink(): Promise<boolean> {
  try {
    const request = await readLink(location.hash);
    if (request === null) return false;
    fillIn(request);
    say("This script came with the link. Read it before you run it.");
    return true;
  } catch {
    say("The link is damaged: it has no script that can be read.", "bad");
    return false;
  }
}

// begin asks the server what it has.
async function begin(): Promise<void> {
  try {
    offer((await (await ask("info")).json()) as Info);
  } catch (error) {
    await failed(error);
  }
}

function bind(): void {
  byId("run").onclick = () => void runScript();
  byId("stop").onclick = () => {
    if (!(session.wanted() && session.interrupt())) running?.abort();
  };
  byId("session").onchange = () => session.end(); // there is none yet, or it is not wanted any more
  bindFiles(async () => session.begin(await read(editor.text())));
  window.addEventListener("pagehide", () => session.end());
  bindPanels(editor);
  byId("copy").onclick = () => void copy();
  byId("copy-part").ontoggle = changed;
  byId("key-button").onclick = () => void askForKey("").then((chosen) => (chosen ? begin() : undefined));
  if (storedKey() !== "") byId("key-button").textContent = "Key: set";
  document.querySelector(".script")?.addEventListener("input", changed);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !event.defaultPrevented && !byId<HTMLDialogElement>("key-dialog").open) {
      event.preventDefault();
      void runScript();
    }
  });
  window.addEventListener("hashchange", () => void openLink());
  openFiles(changed);
  const choice = byId<HTMLSelectElement>("example");
  choice.append(...examples.map(({ name }, i) => element("option", { value: String(i) }, name)));
  choice.onchange = () => fillIn(examples[choice.selectedIndex]?.request ?? {});
}

bind();
fillIn(examples[0]?.request ?? {});
void openLink().then(begin);
