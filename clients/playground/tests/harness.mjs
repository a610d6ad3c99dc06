// What the tests share: a server, a browser, and pages that may ask nothing of anyone else.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import net from "node:net";
import os from "node:os";
import path from "node:path";

export const root = path.resolve(import.meta.dirname, "../../..");
export const modules = path.join(root, "build/playground-node");
const require = createRequire(path.join(modules, "package.json"));
const { chromium } = require("playwright-core");
export const axeSource = require("axe-core").source;

const slow = Number(process.env.PLAYGROUND_TIMEOUT_MS ?? 120_000); // a machine may be slow: only what never comes fails
export const hotcell = path.join(root, "build/hotcell");
export const scratch = mkdtempSync(path.join(os.tmpdir(), "playground-"));

// On a busy machine nothing may be refused or cut off because it takes long.
const patient = ["--limits-default-wall", "5m", "--limits-max-wall", "5m", "--max-wait", "5m", "--max-expected-wait", "5m"];

// serve starts hotcell and resolves once it serves.
export async function serve(...flags) {
  const server = spawn(hotcell, ["serve", "--listen", "127.0.0.1:0", "--pool-size", "2", ...patient, ...flags], { stdio: ["ignore", "ignore", "pipe"] });
  const ended = new Promise((resolve) => server.on("exit", resolve));
  let log = "";
  const url = await new Promise((resolve, reject) => {
    server.stderr.on("data", (text) => {
      log += text;
      const serving = /msg=serving address=(\S+)/.exec(log);
      if (serving !== null) resolve(`http://${serving[1]}/`);
    });
    ended.then(() => reject(new Error(`hotcell ended: ${log}`)));
  });
  return {
    url,
    log: () => log,
    async stop() {
      server.kill("SIGTERM");
      await ended;
    },
  };
}

// keys makes a keys file with one key, and returns both.
export function newKey(...flags) {
  const made = spawnSync(hotcell, ["key", "new", "tests", ...flags], { encoding: "utf8" });
  assert.equal(made.status, 0, made.stderr);
  const file = path.join(scratch, "keys.yaml");
  writeFileSync(file, made.stdout);
  return { file, key: made.stderr.trim().split(/\s+/).pop() };
}

// wire is a way to the server that can be cut and mended.
export async function wire(url) {
  const there = new URL(url);
  const open = new Set();
  let cut = false;
  const listener = net.createServer((client) => {
    if (cut) return client.destroy();
    const server = net.connect(Number(there.port), there.hostname);
    for (const [one, other] of [[client, server], [server, client]]) {
      open.add(one);
      one.pipe(other);
      one.on("error", () => {}).on("close", () => (open.delete(one), other.destroy()));
    }
  });
  await new Promise((resolve) => listener.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${listener.address().port}/`,
    cut() {
      cut = true;
      for (const socket of open) socket.destroy();
    },
    mend: () => (cut = false),
    close() {
      this.cut();
      listener.close();
    },
  };
}

// trap is a server that nobody may reach, with the number of those who did.
export async function trap() {
  let reached = 0;
  const listener = net.createServer((client) => {
    reached++;
    client.destroy();
  });
  await new Promise((resolve) => listener.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${listener.address().port}/`, reached: () => reached, close: () => listener.close() };
}

export async function openBrowser() {
  const executablePath = ["chromium-headless-shell", "chromium"]
    .flatMap((name) => (process.env.PATH ?? "").split(":").map((dir) => path.join(dir, name)))
    .find((file) => spawnSync(file, ["--version"]).status === 0);
  assert.ok(executablePath, "no Chromium: make test-playground gets it");
  return chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-dev-shm-usage"], timeout: slow });
}

// visit opens the page in a context of its own. When the test ends, nothing may have been
// asked of anyone but the server, no script may have failed, and nothing may have gone
// against the policy, except for what the test names in expected. A page that is locked
// asks for a key first.
export async function visit(t, browser, url, { expected = [], locked = false, ...options } = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  context.setDefaultTimeout(slow);
  const page = await context.newPage();
  const asked = new Set();
  const said = [];
  context.on("request", (request) => asked.add(request));
  context.on("requestfailed", (request) => /csp/i.test(request.failure()?.errorText ?? "") && asked.delete(request)); // it was not sent
  page.on("console", (message) => message.type() === "error" && said.push(message.text()));
  page.on("pageerror", (error) => said.push(`page error: ${error.message}`));
  t.after(async () => {
    await context.close();
    const elsewhere = [...asked].map((request) => request.url()).filter((one) => !/^(data|blob|about):/.test(one) && new URL(one).origin !== new URL(url).origin);
    assert.deepEqual(elsewhere, [], "requests to others");
    assert.deepEqual(said.filter((text) => !expected.some((one) => one.test(text))), [], "errors in the browser's console");
  });
  await page.goto(url);
  if (!locked) await page.locator("#profile option").first().waitFor({ state: "attached" }); // /info is there
  return page;
}

// editorOf returns the editor's text.
export function editorOf(page) {
  return page.getByRole("textbox", { name: "Python script" });
}

// open opens a part of the page.
export async function open(page, part) {
  const details = page.locator(`#${part}-part`);
  if (!(await details.evaluate((found) => found.open))) await details.locator("> summary").click();
}

// write replaces the script as a person would.
export async function write(page, script) {
  await editorOf(page).fill(script);
}

// run runs the script and waits until it has ended.
export async function run(page, script, { mode } = {}) {
  if (script !== undefined) await write(page, script);
  if (mode !== undefined) await page.getByLabel("Mode").selectOption(mode);
  await page.getByRole("button", { name: "Run" }).click();
  await ended(page);
}

// ended waits until nothing runs, and what a session has is listed.
export async function ended(page) {
  await page.locator("#status:not(.busy)").and(page.locator("#status.good, #status.bad")).waitFor();
  await page.locator("#run:enabled").waitFor();
}

export function cleanUp() {
  rmSync(scratch, { recursive: true, force: true });
}
