// Parts of the page without a browser: what is hard to bring about in one.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { test } from "node:test";
import v8 from "node:v8";
import vm from "node:vm";

const root = path.resolve(import.meta.dirname, "../../..");
const modules = path.join(root, "build/playground-node");
const { build } = createRequire(path.join(modules, "package.json"))("esbuild");

// Elements that keep what they are given.
class Part {
  children = [];
  value = "";
  append(...more) {
    this.children.push(...more);
  }
  replaceChildren(...children) {
    this.children = children;
  }
  get textContent() {
    return this.children.map((child) => child.textContent ?? child).join("");
  }
  set textContent(text) {
    this.children = [text];
  }
  querySelectorAll() {
    return [];
  }
  setAttribute() {}
  addEventListener() {}
  focus() {}
  showModal() {
    this.open = true;
  }
  close() {
    this.open = false;
  }
}

const parts = new Map();
const byId = (id) => parts.get(id) ?? parts.set(id, new Part()).get(id);

async function load(...names) {
  const contents = names.map((name) => `export * as ${name} from "./${name}";`).join("\n");
  const made = await build({
    stdin: { contents, resolveDir: path.join(import.meta.dirname, "../src"), loader: "ts" },
    nodePaths: [path.join(modules, "node_modules")], loader: { ".css": "empty" }, external: ["./terminal.js", "./pool.js"],
    bundle: true, format: "esm", platform: "neutral", mainFields: ["module", "main"], write: false, logLevel: "warning",
  });
  return import(`data:text/javascript;base64,${Buffer.from(made.outputFiles[0].contents).toString("base64")}`);
}

const { pool } = await load("pool"); // before there is a window: uPlot then does not look at it
Object.assign(globalThis, {
  window: {},
  document: { baseURI: "http://127.0.0.1:8080/", createElement: () => new Part(), getElementById: byId },
});
if (JSON.rawJSON === undefined) { // Node.js 20 has it behind a flag
  v8.setFlagsFromString("--harmony-json-parse-with-source");
  globalThis.JSON = vm.runInNewContext("JSON");
}
const { api, copyas, dom, exact, form, keys, link, outputs, panels, session, tree } =
  await load("api", "copyas", "dom", "exact", "form", "keys", "link", "outputs", "panels", "session", "tree");

// storage makes sessionStorage one that a browser gives, or the one that it refuses.
function storage(given) {
  Object.defineProperty(globalThis, "sessionStorage", {
    configurable: true,
    get() {
      if (!given) throw new Error("SecurityError: access is denied");
      return { getItem: () => null, removeItem() {}, setItem() {} };
    },
  });
}
storage(true);

// enter types a key into the dialog.
async function enter(key) {
  void keys.askForKey("");
  byId("key-input").value = key;
  byId("key-form").onsubmit({ preventDefault() {} });
}

function refusal(status, code) {
  const problem = { title: code, status, detail: "why", code, request_id: "R", error: { type: code, message: "why", line: null } };
  return new Response(JSON.stringify(problem), { status, headers: { "Content-Type": "application/problem+json" } });
}

test("Numbers are shown, sent and copied as they are written", async () => {
  const text = '[18446744073709551616,1.0,-0.0,0.5,7,{"a":1e400}]';
  assert.equal(JSON.stringify(exact.parse(text)), text);
  const deep = 100_000; // more than can be visited
  assert.ok(Array.isArray(exact.parse(`${"[".repeat(deep)}${"]".repeat(deep)}`)));
  assert.equal(tree.show(exact.parse("18446744073709551616")).textContent, "18446744073709551616");
  assert.equal(tree.show(exact.parse('[{"n":1.0},{"n":2.5}]')).textContent, "n1.02.5"); // a table

  byId("args").value = text;
  byId("mode").value = "function";
  assert.equal(JSON.stringify((await form.read("")).args), text);
  byId("args").value = "1.0";
  await assert.rejects(form.read(""), { field: "args" });

  const request = { script: "s", args: exact.parse(text) };
  assert.ok((await copyas.asText("python", request)).includes('args=[18446744073709551616, 1.0, -0.0, 0.5, 7, {"a": 1e400}],'));
  assert.ok((await copyas.asText("curl", request)).includes("18446744073709551616"));
  const [, body] = /body: (".*"),\n/.exec(await copyas.asText("typescript", request));
  assert.equal(JSON.parse(body), JSON.stringify(request));
  const back = await link.readLink(new URL(await copyas.asText("link", request)).hash);
  assert.equal(JSON.stringify(back.args), text);
});

test("What is copied has no password of the page's address, and a shell does not read that address", async (t) => {
  const before = document.baseURI;
  t.after(() => (document.baseURI = before));
  document.baseURI = "http://me:secret@host/$(date)/it's/?x=1#run=y";
  for (const kind of ["curl", "python", "typescript", "mcp", "link"]) assert.ok(!(await copyas.asText(kind, { script: "1" })).includes("secret"), kind);
  assert.match(await copyas.asText("curl", { script: "1" }), /^curl -s 'http:\/\/host\/\$\(date\)\/it%27s\/execute' /);
  assert.ok((await copyas.asText("python", { script: "1" })).includes(`Client("http://host/$(date)/it's")`));
});

test("What is made last is shown, also if something older is ready later", async () => {
  const made = [];
  const shown = [];
  const make = dom.latest(() => new Promise((resolve) => made.push(resolve)), (text) => shown.push(text));
  const [older, newer] = [make(), make()];
  made[1]("newer");
  made[0]("older");
  assert.deepEqual([await older, await newer, shown], ["older", "newer", ["newer"]]);
});

test("HTML that a script shows has no element for which a browser connects ahead", () => {
  for (const [html, want] of [
    ["<link rel=preconnect href=//x>", "<no-link rel=preconnect href=//x>"],
    ["<LINK\trel='dns-prefetch'/><meta/http-equiv=x-dns-prefetch-control>", "<no-LINK\trel='dns-prefetch'/><no-meta/http-equiv=x-dns-prefetch-control>"],
    ["<template shadowrootmode=open><link\n></template>", "<template shadowrootmode=open><no-link\n></template>"],
    ["<iframe srcdoc='&lt;link>'>", "<no-iframe srcdoc='&lt;link>'>"],
    ["<<link >", "<<no-link >"],
    ["<table class=linked><a href=x>a link</a><menu><metadata>", "<table class=linked><a href=x>a link</a><menu><metadata>"],
  ]) assert.equal(outputs.inert(html), want);
});

test("The page works where the browser lets it store nothing", async (t) => {
  storage(false);
  t.after(() => storage(true));
  assert.equal(keys.storedKey(), "");
  await enter("hc_key");
  assert.equal(keys.storedKey(), "hc_key");
  void keys.askForKey("");
  byId("key-forget").onclick();
  assert.equal(keys.storedKey(), "");
});

test("A key that cannot be sent is not taken, and none is shown by an error", async (t) => {
  await enter("schlüssel");
  assert.match(byId("key-why").textContent, /^That is no key/);
  assert.equal(keys.storedKey(), "");

  await enter("c2VjcmV0/w==");
  t.after(() => byId("key-forget").onclick());
  panels.bindPanels({ text: () => "" });
  byId("terminal-open").onclick();
  assert.match(byId("terminal-status").textContent, /^The key has a character, such as \/ or =, /);
  assert.ok(keys.fitsTerminal("hc_aZ09-_.~") && !keys.fitsTerminal("a,b") && !keys.fitsTerminal("a b"));
});

test("A session lives on if its names cannot be listed, and ends if it is gone", async (t) => {
  const before = globalThis.fetch;
  t.after(() => (globalThis.fetch = before));
  byId("session").checked = true;
  const asked = [];
  let next = () => Response.json({ id: "S" });
  globalThis.fetch = async (url) => {
    asked.push(new URL(url).pathname);
    return next();
  };
  const { route } = await session.enter({ script: "x = 1", profile: "other" });
  assert.equal(route, "sessions/S/execute");
  assert.ok(byId("profile").disabled, "another profile can be chosen, and is not used");
  for (const [status, code] of [[429, "rate_limited"], [503, "saturated"], [409, "busy"]]) {
    next = () => refusal(status, code);
    await session.showNames();
    assert.equal(byId("variables").textContent, "The names cannot be listed: why.");
    assert.equal((await session.enter({ script: "x" })).route, "sessions/S/execute");
  }
  for (const result of [[null, 1, "x", { slice: 1 }], [[{ toString: 1 }, ["a"], null]], Array(9999).fill(["n", "int", "1"])]) { // of a hostile cell
    next = () => new Response(JSON.stringify({ status: "ok", result }));
    await session.showNames();
    assert.ok(byId("variables").textContent.length < 2000);
  }
  next = () => refusal(410, "gone");
  await session.showNames();
  assert.match(byId("variables").textContent, /^The session has ended/);
  assert.ok(!byId("profile").disabled);
  next = () => Response.json({ id: "T" });
  assert.equal((await session.enter({ script: "x" })).route, "sessions/T/execute");
  assert.equal(asked.filter((place) => place === "/sessions").length, 2);
  session.gone();
});

test("Files and a script that are sent at once go to one session, and one that is ended while it is made is removed", async (t) => {
  const before = globalThis.fetch;
  t.after(() => (globalThis.fetch = before));
  byId("session").checked = true;
  const asked = [];
  let made;
  globalThis.fetch = async (url, { method = "GET" } = {}) => {
    asked.push(`${method} ${new URL(url).pathname}`);
    if (method === "DELETE") return new Response(null, { status: 204 });
    return new Promise((resolve) => (made = resolve));
  };
  const both = [session.begin({}), session.enter({ script: "x" })];
  made(Response.json({ id: "U" }));
  assert.equal(await both[0], "sessions/U");
  assert.equal((await both[1]).route, "sessions/U/execute");
  assert.deepEqual(asked, ["POST /sessions"]);
  session.end();
  assert.deepEqual(asked.splice(0), ["POST /sessions", "DELETE /sessions/U"]);

  const late = session.begin({});
  session.end();
  made(Response.json({ id: "V" }));
  assert.equal(await late, "sessions/V");
  await new Promise(setImmediate);
  assert.deepEqual(asked.splice(0), ["POST /sessions", "DELETE /sessions/V"]);
  assert.ok(!byId("profile").disabled);

  const refused = session.begin({});
  made(refusal(503, "saturated"));
  await assert.rejects(refused, api.Refused);
  const again = session.begin({}); // is another attempt
  made(Response.json({ id: "W" }));
  assert.equal(await again, "sessions/W");
  session.gone();
});

test("A stream that is left early is closed, and a refusal of a proxy is told", async (t) => {
  const before = globalThis.fetch;
  t.after(() => (globalThis.fetch = before));
  let closed = false;
  const body = new ReadableStream({
    pull: (controller) => controller.enqueue(new TextEncoder().encode('{"event":"stdout","data":{"text":"a"}}\n')),
    cancel: () => (closed = true),
  });
  globalThis.fetch = async () => new Response(body);
  for await (const { event } of api.run("execute", {}, new AbortController().signal)) {
    assert.equal(event.data.text, "a");
    break;
  }
  assert.ok(closed);

  globalThis.fetch = async () => new Response('{"detail":"no","code":"x"}', { status: 502, statusText: "Bad Gateway" });
  await assert.rejects(api.ask("info"), (error) => error.problem.error.message === "the server answered 502 Bad Gateway");
});

test("The pool rests while another tab is in front, and goes on after that", async () => {
  const seen = [true, false, false, true];
  const drawn = [];
  const source = { open: () => seen.length > 0, seen: () => seen.shift() };
  await pool.whileOpen(source, async () => drawn.push(seen.length), 0);
  assert.deepEqual(drawn, [3, 0]);
});

test("The tests of the page that SECURITY.md names are there", () => {
  const read = (...names) => readFileSync(path.join(root, ...names), "utf8");
  const tests = readdirSync(import.meta.dirname).map((name) => read("clients/playground/tests", name)).join("\n");
  const rows = read("SECURITY.md").split("\n").filter((line) => line.includes("`clients/playground/tests`"));
  const named = rows.flatMap((row) => [...row.matchAll(/"([A-Z][^"]+)"/g)].map(([, name]) => name));
  assert.ok(named.length > 0);
  assert.deepEqual(named.filter((name) => !tests.includes(`test("${name}"`)), []);
});
