// The page, as people use it, in a real browser and on real jails.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import { axeSource, cleanUp, editorOf, ended, newKey, open, openBrowser, root, run, scratch, serve, trap, visit, wire, write } from "./harness.mjs";

let server, guarded, browser, key;

before(async () => {
  const made = newKey();
  key = made.key;
  [server, guarded, browser] = await Promise.all([serve(), serve("--keys", made.file), openBrowser()]);
});

after(async () => {
  await Promise.all([browser?.close(), server?.stop(), guarded?.stop()]);
  cleanUp();
});

const text = (page, id) => page.locator(`#${id}`).textContent();

test("A script runs by a click and by Ctrl-Enter, and its result is shown", async (t) => {
  const page = await visit(t, browser, server.url);
  await run(page, "def main():\n    return {'answer': [1, {'deep': 'value'}]}");
  assert.match(await text(page, "status"), /^The script ended well, after /);
  await page.getByText("answer: [ 2 ]").click();
  await page.getByText("1: { 1 }").click();
  await page.getByText('deep: "value"').waitFor();
  await run(page, "def main(): return 2 ** 64");
  await page.locator("#result").getByText("18446744073709551616", { exact: true }).waitFor();

  await write(page, "def main(): return 'by keyboard'");
  await editorOf(page).press("Control+Enter");
  await page.locator("#result").getByText('"by keyboard"').waitFor();
  await open(page, "input");
  await page.getByLabel("Standard input").press("Control+Enter");
  await page.locator("#status.good").waitFor();
});

test("A list of records is a table", async (t) => {
  const page = await visit(t, browser, server.url);
  await run(page, "import pandas as pd\ndef main(): return pd.DataFrame({'n': range(250)})", { mode: "function" });
  assert.deepEqual(await page.locator("#result th").allTextContents(), ["n"]);
  assert.equal(await page.locator("#result tbody tr").count(), 100);
  await page.getByRole("button", { name: "150 more" }).click();
  assert.equal(await page.locator("#result tbody tr").count(), 200);
});

test("A traceback leads to the script's lines", async (t) => {
  const page = await visit(t, browser, server.url);
  const cases = [
    { mode: "function", script: "def half(n):\n    return 1 / n\n\ndef main():\n    return half(0)\n", places: [5, 2] },
    { mode: "program", script: "def half(n):\n    return 1 / n\n\n\nhalf(0)\n", places: [5, 2] },
    { mode: "cell", script: "def half(n):\n    return 1 / n\n\nhalf(0)\n", places: [4, 2] },
  ];
  for (const { mode, script, places } of cases) {
    await run(page, script, { mode });
    await page.locator("#error").getByText("ZeroDivisionError: division by zero", { exact: true }).waitFor();
    await page.locator(".cm-line.cm-failed").getByText("1 / n").waitFor();
    const links = page.locator("#error button.place");
    assert.equal(await links.count(), places.length, mode);
    for (const [i, line] of places.entries()) {
      await links.nth(i).click();
      await page.locator(".cm-activeLineGutter").getByText(String(line), { exact: true }).waitFor();
      assert.equal(await page.evaluate(() => document.activeElement.getAttribute("aria-label")), "Python script");
    }
  }
});

test("A script with a wrong syntax says where", async (t) => {
  const page = await visit(t, browser, server.url, { expected: [/400 \(Bad Request\)/] });
  await run(page, "x = 1\n\ndef main(:\n    pass\n");
  await page.getByRole("button", { name: "Go to line 3" }).click();
  await page.locator(".cm-activeLineGutter").getByText("3", { exact: true }).waitFor();
  await run(page, "x = 1", { mode: "function" });
  await page.locator("#error").getByText("no_main").waitFor();
  await run(page, "def main(): import nothing_of_that_name");
  await page.locator("#error").getByText("ModuleNotFoundError").first().waitFor();
});

test("What a script prints is shown as it comes, and it can be stopped", async (t) => {
  const page = await visit(t, browser, server.url);
  await page.getByLabel("Mode").selectOption("program");
  await write(page, "import sys, time\nprint('begun', flush=True)\nprint('warned', file=sys.stderr, flush=True)\ntime.sleep(250)\n");
  await page.getByRole("button", { name: "Run" }).click();
  await page.locator("#output .stdout").getByText("begun").waitFor();
  await page.locator("#output .stderr").getByText("warned").waitFor();
  assert.equal(await text(page, "status"), "Running…");
  await page.getByRole("button", { name: "Stop" }).click();
  await page.locator("#status").getByText("Stopped.").waitFor();
  await page.getByRole("button", { name: "Run" }).and(page.locator(":enabled")).waitFor();
  assert.match(await text(page, "output"), /begun/);
});

test("A megabyte of output is all there", async (t) => {
  const page = await visit(t, browser, server.url);
  await run(page, "for n in range(50000): print(f'{n:019}')", { mode: "program" });
  await page.getByText("The first 200,000 of 1,000,000 characters.").waitFor();
  await page.getByRole("button", { name: "Show all" }).click();
  await page.locator("#output-more").waitFor({ state: "hidden" });
  assert.equal((await text(page, "output")).length, 1_000_000);
  assert.ok((await text(page, "output")).endsWith("0000000000000049999\n"));
  await run(page, "print('y' * 1000, end='')\nwhile True: print('x' * 1000)", { mode: "program" });
  await page.getByText("The script wrote too much").waitFor();
});

test("Input, arguments and limits reach the script", async (t) => {
  const page = await visit(t, browser, server.url);
  await open(page, "input");
  await page.getByLabel("Standard input").fill("from stdin");
  await page.getByLabel("Arguments: a JSON array").fill('[1, "two"]');
  await page.getByLabel("Keyword arguments: a JSON object").fill('{"c": null}');
  await run(page, "def main(a, b, c): return [a, b, c, input()]", { mode: "function" });
  assert.deepEqual(await page.locator("#result .json-leaf").allTextContents(), ["0: 1", '1: "two"', "2: null", '3: "from stdin"']);

  await page.getByLabel("Arguments: a JSON array").fill("[1,");
  await run(page);
  assert.match(await text(page, "status"), /^Nothing was sent: \[1, is not JSON/);
  assert.equal(await page.evaluate(() => document.activeElement.id), "args");

  await page.getByLabel("Example").selectOption({ label: "Too long" });
  await run(page);
  assert.match(await text(page, "status"), /^The script took too long \(limit: wall\), after /);
  await open(page, "limits");
  assert.equal(await page.getByLabel("wall_ms").inputValue(), "500");
  assert.equal(await page.getByLabel("memory_bytes").getAttribute("placeholder"), String(256 << 20));
});

test("Files go in and come out", async (t) => {
  const page = await visit(t, browser, server.url);
  await open(page, "files");
  const octets = Buffer.from([0, 255, 254, 10]);
  await page.getByLabel("choose them").setInputFiles([{ name: "a.bin", mimeType: "application/octet-stream", buffer: octets }, { name: "gone.txt", mimeType: "text/plain", buffer: Buffer.from("x") }]);
  await page.getByRole("button", { name: "Remove gone.txt" }).click();
  await page.evaluate(() => { // as a browser does when files are dropped onto the editor
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File(["größer"], "b.txt"));
    document.querySelector(".cm-content").dispatchEvent(new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true }));
  });
  await page.getByText("b.txt, 8 B").waitFor();
  await page.getByLabel("Files to send back").fill("*.bin out/**");
  await run(page, "import os\ndef main():\n    os.mkdir('out')\n    os.rename('b.txt', 'out/c.txt')\n    return sorted(os.listdir())", { mode: "function" });
  assert.deepEqual(await page.locator("#result .json-leaf").allTextContents(), ['0: "a.bin"', '1: "out"']);
  for (const [name, content] of [["a.bin", octets], ["out/c.txt", Buffer.from("größer")]]) {
    const coming = page.waitForEvent("download");
    await page.getByRole("button", { name: `Save ${name}` }).click();
    const download = await coming;
    assert.equal(download.suggestedFilename(), path.basename(name));
    assert.deepEqual(readFileSync(await download.path()), content);
  }
});

test("Pictures, tables and JSON that a script shows are shown", async (t) => {
  const page = await visit(t, browser, server.url);
  await page.getByLabel("Example").selectOption({ label: "A picture" });
  await run(page);
  await page.waitForFunction(() => document.querySelector("#outputs img")?.naturalWidth > 0);
  await page.getByLabel("Example").selectOption({ label: "A table" });
  await run(page);
  await page.frameLocator("#outputs iframe").getByText("count").waitFor();
  await run(page, `class Json:
    def _repr_mimebundle_(self, **kwargs): return {"application/json": {"a": [1]}, "text/plain": "a"}
class Png:
    def _repr_png_(self):
        import base64
        return base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==")
def main():
    display(Json(), Png(), "plain")`, { mode: "function" });
  await page.locator("#outputs").getByText("a: [ 1 ]").waitFor();
  await page.waitForFunction(() => document.querySelector("#outputs img")?.naturalWidth === 1);
  await page.locator("#outputs pre").getByText("'plain'").waitFor();
});

test("Nothing that a script says can script the page, or ask anything of others", async (t) => {
  const page = await visit(t, browser, server.url, { expected: [/Refused to|violates|[Bb]locked|sandboxed|^Unsafe attempt|requires .TrustedScript. assignment/] });
  const other = await trap();
  t.after(() => other.close());
  const attacks = [
    "<script>parent.hostile = top.hostile = 1; fetch('/info')</script>", "<img src=x onerror='parent.hostile = 1'>", "<img src='http://127.0.0.2:9/a.png'>",
    "<svg onload='top.hostile = 1'></svg>", "<iframe srcdoc='<script>top.hostile = 1</script>'></iframe>", "<iframe src='http://127.0.0.2:9/'></iframe>",
    "<meta http-equiv=refresh content='0;url=http://127.0.0.2:9/'>", "<link rel=stylesheet href='http://127.0.0.2:9/a.css'>", "<base href='http://127.0.0.2:9/'>",
    "<link rel=preconnect href='http://127.0.0.2:9/'><link rel=dns-prefetch href='http://127.0.0.2:9/'>", "<meta http-equiv=x-dns-prefetch-control content=on>",
    "<style>body { background: url(http://127.0.0.2:9/b.png) } @import 'http://127.0.0.2:9/c.css';</style>", "<form action='http://127.0.0.2:9/'><button>send</button></form>",
    "<a href='javascript:top.hostile = 1' target=_top>one</a><a href='http://127.0.0.2:9/' target=_blank>two</a><a href='http://127.0.0.2:9/'>three</a>",
    "<object data='http://127.0.0.2:9/'></object><embed src='http://127.0.0.2:9/'><video src='http://127.0.0.2:9/'></video>", "<p>reached the end</p>",
  ].join("\n").replaceAll("http://127.0.0.2:9/", other.url);
  await run(page, `import os, sys
attacks = ${JSON.stringify(attacks)}
class Html:
    def _repr_html_(self): return attacks
class Svg:
    def _repr_svg_(self): return '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9" onload="top.hostile = 1"><script>top.hostile = 1</script><image href="${other.url}d.png"/></svg>'
class Rest:
    def _repr_mimebundle_(self, **kwargs):
        return {"application/javascript": "hostile = 1", "text/markdown": attacks, "text/plain": attacks}
def main():
    display(Html(), Svg(), Rest())
    print(attacks); print(attacks, file=sys.stderr)
    os.makedirs("f")
    open("f/<img src=x onerror=hostile=1>", "w").close()
    return {attacks: [attacks, {"__proto__": {"hostile": 1}}]}
`, { mode: "function" });
  assert.match(await text(page, "status"), /^The script ended well/);
  const frame = page.frameLocator("#outputs iframe");
  await frame.getByText("reached the end").waitFor();
  assert.equal(await frame.locator("link, meta, iframe").count(), 0); // browsers connect ahead for these, whatever the policy says
  await frame.getByRole("button", { name: "send" }).click();
  for (const link of ["one", "two", "three"]) await frame.getByText(link, { exact: true }).click();
  await page.getByLabel("Files to send back").evaluate((field) => (field.value = "f/**"));
  await run(page);
  await run(page, `class E(Exception): pass\nE.__name__ = "<img src=x onerror=hostile=1>"\ndef main(): raise E(${JSON.stringify(attacks)})`);
  await page.locator("#error").getByText("<img src=x onerror").first().waitFor();
  assert.equal(await page.evaluate(() => "hostile" in window || "hostile" in {}), false);
  assert.equal(page.url(), server.url);
  assert.equal(page.context().pages().length, 1);
  assert.deepEqual(await page.evaluate(() => [...document.querySelectorAll("iframe")].map((frame) => frame.getAttribute("sandbox"))), []); // of the last answer

  // The policy holds even if the page had a fault.
  const tried = await page.evaluate(async (elsewhere) => {
    const results = [];
    try {
      document.body.innerHTML += "<b>";
      results.push("innerHTML works");
    } catch {
      results.push("innerHTML is refused");
    }
    const script = document.createElement("script");
    script.append("window.hostile = 1");
    document.body.append(script);
    results.push("hostile" in window ? "inline scripts work" : "inline scripts are refused");
    results.push(await fetch(elsewhere).then(() => "fetched", (error) => error.name));
    return results;
  }, other.url);
  assert.deepEqual(tried, ["innerHTML is refused", "inline scripts are refused", "TypeError"]);
  assert.equal(other.reached(), 0);
});

test("A link carries the script, and opening it runs nothing", async (t) => {
  const page = await visit(t, browser, server.url);
  await open(page, "input");
  await page.getByLabel("Standard input").fill("größer 😀");
  await write(page, "print(input())  # 😀");
  await page.getByLabel("Mode").selectOption("program");
  await open(page, "copy");
  await page.locator("#copy-kind").selectOption("link");
  await page.locator("#copy-text").getByText("#run=").waitFor();
  const link = await text(page, "copy-text");
  const other = await visit(t, browser, link.replace("#", "?again#"));
  await other.getByText("This script came with the link. Read it before you run it.").waitFor();
  assert.equal(await text(other, "output"), "");
  assert.equal(await other.getByLabel("Standard input").inputValue(), "größer 😀");
  await run(other);
  assert.equal(await text(other, "output"), "größer 😀\n");
  for (const damaged of ["#run=", "#run=!!", "#run=AAAA"]) {
    await other.evaluate((hash) => (location.hash = hash), damaged);
    await other.getByText("The link is damaged").waitFor();
    await run(other);
  }
});

test("What is copied does the same elsewhere", async (t) => {
  const page = await visit(t, browser, server.url, { permissions: ["clipboard-read", "clipboard-write"] });
  const script = `import sys\n\ndef main(a, flag):\n    "it's"\n    return [a, flag, open("in.txt").read(), input()]\n`;
  await write(page, script);
  await page.locator("#pick").setInputFiles([{ name: "in.txt", mimeType: "text/plain", buffer: Buffer.from("it's \"in\"\n") }, { name: "b.bin", mimeType: "", buffer: Buffer.from([255]) }]);
  await open(page, "input");
  await page.getByLabel("Standard input").fill("'$(date)'");
  await page.getByLabel("Keyword arguments: a JSON object").fill('{"a": 1.5, "flag": true}');
  await open(page, "copy");
  const copied = async (kind) => {
    await page.locator("#copy-kind").selectOption(kind);
    await page.getByRole("button", { name: "Copy", exact: true }).click();
    await page.locator("#status").getByText("Copied.").waitFor();
    await page.locator("#status").evaluate((status) => (status.textContent = ""));
    return page.evaluate(() => navigator.clipboard.readText());
  };
  const want = [1.5, true, "it's \"in\"\n", "'$(date)'"];
  const curl = await output("bash", ["-c", await copied("curl")]);
  assert.deepEqual(JSON.parse(curl).result, want);
  const file = path.join(scratch, "copied.mjs");
  writeFileSync(file, (await copied("typescript")).replace("await response.json()", "JSON.stringify(await response.json())"));
  assert.deepEqual(JSON.parse(await output(process.execPath, [file])).result, want);
  const python = (await copied("python")).replace("print(answer.status, answer.result, answer.stdout)", "import json; print(json.dumps(answer.result))");
  assert.deepEqual(JSON.parse(await output(path.join(root, "build/client/bin/python"), ["-c", python])), want);

  await page.getByLabel("Keyword arguments: a JSON object").fill("");
  await write(page, "open('in.txt').read() + input()");
  await page.getByLabel("Mode").selectOption("cell");
  const called = await fetch(`${server.url}mcp`, {
    method: "POST", body: await copied("mcp"), headers: { "Content-Type": "application/json", Accept: "application/json, text/event-stream" },
  });
  assert.match(await called.text(), /\$\(date\)/);
});

function output(program, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
    let [out, err] = ["", ""];
    child.stdout.on("data", (piece) => (out += piece));
    child.stderr.on("data", (piece) => (err += piece));
    child.on("close", (code) => (code === 0 ? resolve(out) : reject(new Error(`${program}: ${code}: ${err}`))));
  });
}

test("A key is asked for, and is kept in the tab only", async (t) => {
  const page = await visit(t, browser, guarded.url, { expected: [/401 \(Unauthorized\)/], locked: true });
  const dialog = page.getByRole("dialog", { name: "Key" });
  const enter = async (text) => {
    await dialog.getByLabel("A key of this server").fill(text);
    await dialog.getByRole("button", { name: "Use it" }).click();
  };
  await dialog.getByText("a key is required").waitFor();
  await enter("wrong");
  await dialog.getByText("unknown key").waitFor();
  await enter(key);
  await dialog.waitFor({ state: "hidden" });
  await page.locator("#profile option").first().waitFor({ state: "attached" });
  await run(page, "def main(): return 'with a key'", { mode: "function" });
  await page.locator("#result").getByText("with a key").waitFor();

  await open(page, "copy");
  for (const kind of ["curl", "python", "typescript", "mcp", "link"]) {
    await page.locator("#copy-text").evaluate((shown) => (shown.textContent = ""));
    await page.locator("#copy-kind").selectOption(kind);
    await page.locator("#copy-text:not(:empty)").waitFor();
    assert.ok(!(await text(page, "copy-text")).includes(key), `${kind} has the key`);
  }
  assert.deepEqual(await page.evaluate(() => [localStorage.length, document.cookie, Object.keys(sessionStorage)]), [0, "", ["hotcell.key"]]);
  assert.ok(!(await page.content()).includes(key));

  await page.reload();
  await run(page, "def main(): return 1");
  const other = await page.context().newPage(); // another tab
  await other.goto(guarded.url);
  await other.getByRole("dialog", { name: "Key" }).waitFor();
  await page.getByRole("button", { name: "Key: set" }).click();
  await page.getByRole("button", { name: "Forget it" }).click();
  await page.getByRole("dialog", { name: "Key" }).getByText("a key is required").waitFor();
  await page.keyboard.press("Escape");
  assert.deepEqual(await page.evaluate(() => Object.keys(sessionStorage)), []);
});

test("A server that goes away is named, and the page goes on when it is back", async (t) => {
  const line = await wire(server.url);
  t.after(() => line.close());
  const page = await visit(t, browser, line.url, { expected: [/ERR_|Failed to load resource/] });
  await page.getByLabel("Mode").selectOption("program");
  await write(page, "import time\nprint('begun', flush=True)\ntime.sleep(250)");
  await page.getByRole("button", { name: "Run" }).click();
  await page.locator("#output").getByText("begun").waitFor();
  line.cut();
  await page.getByText("The connection is lost: the connection broke before the answer was whole.").waitFor();
  assert.match(await text(page, "output"), /begun/);
  await run(page);
  assert.match(await text(page, "status"), /the server does not answer/);
  line.mend();
  await run(page, "print('again')");
  await page.locator("#output").getByText("again").waitFor();
});

test("A session keeps its names, and they are listed", async (t) => {
  const page = await visit(t, browser, server.url, { expected: [/410 \(Gone\)/] });
  await page.getByLabel("Session: names stay").check();
  await run(page, "import numpy\nx = 20\ndef f(): pass\nhostile = '<img src=x onerror=alert(1)>'", { mode: "cell" });
  const names = async () => (await page.locator("#variables tbody tr").allTextContents()).sort();
  assert.deepEqual(await names(), ["hostilestr'<img src=x onerror=alert(1)>'", "xint20"]);
  await run(page, "x += 1\nx");
  await page.locator("#result").getByText("21").waitFor();
  assert.ok((await names()).includes("xint21"));

  await page.getByLabel("Mode").selectOption("cell");
  await write(page, "import time\nprint('begun', flush=True)\ntime.sleep(250)");
  await page.getByRole("button", { name: "Run" }).click();
  await page.locator("#output").getByText("begun").waitFor();
  await page.getByRole("button", { name: "Stop" }).click();
  await ended(page);
  assert.ok((await names()).includes("xint21"), "stopping a call ends the session");

  await run(page, "import os; os._exit(3)");
  await page.locator("#variables").getByText("The session has ended. The next run begins another.").waitFor();
  await run(page, "y = 1");
  assert.deepEqual(await names(), ["yint1"]);
  const closed = page.waitForRequest((request) => request.method() === "DELETE");
  await page.getByLabel("Session: names stay").uncheck();
  assert.equal((await (await closed).response()).status(), 204);
});

test("A session's files are listed, saved and deleted, and others are put there", async (t) => {
  const page = await visit(t, browser, server.url);
  await page.getByLabel("Session: names stay").check();
  const files = page.locator("#session-files li");
  const listed = async (...want) => {
    const shown = (texts) => JSON.stringify([...document.querySelectorAll("#session-files li")].map((item) => item.firstChild.textContent.trim()).sort()) === texts;
    await page.waitForFunction(shown, JSON.stringify(want.sort()));
  };
  await page.getByLabel("Put files there").setInputFiles([{ name: "größer & a?.bin", mimeType: "application/octet-stream", buffer: Buffer.from([0, 255, 10]) }]); // begins the session
  await listed("größer & a?.bin, 3 B");
  await run(page, `import os
os.mkdir("out")
open("out/<img src=x onerror=hostile=1>", "w").write("größer")
os.symlink("/etc", "link")
data = open("größer & a?.bin", "rb").read()
len(data)`, { mode: "cell" });
  await page.locator("#result").getByText("3", { exact: true }).waitFor();
  await page.getByText("out/<img src=x onerror=hostile=1>, 8 B").waitFor();
  assert.equal(await page.evaluate(() => "hostile" in window), false);
  await axe(page);
  for (const [name, content] of [["größer & a?.bin", Buffer.from([0, 255, 10])], ["out/<img src=x onerror=hostile=1>", Buffer.from("größer")]]) {
    const coming = page.waitForEvent("download");
    await page.getByRole("button", { name: `Save ${name} of the session` }).click();
    assert.deepEqual(readFileSync(await (await coming).path()), content);
  }
  await page.getByRole("button", { name: "Delete größer & a?.bin of the session" }).click();
  await page.waitForFunction(() => !document.getElementById("session-files").textContent.includes("a?.bin"));
  assert.equal(await page.evaluate(() => document.activeElement.id), "session-pick");
  await run(page, "os.remove('out/<img src=x onerror=hostile=1>')\nos.mkdir('out/<img src=x onerror=hostile=1>')\nsum(map(len, os.listdir('out')))");
  await page.waitForFunction(() => !document.getElementById("session-files").textContent.includes("<img"));
  await page.getByLabel("Session: names stay").uncheck();
  await page.locator("#session-files-part").waitFor({ state: "hidden" });
  assert.equal(await files.count(), 0);
});

test("A script that floods its terminal waits for the page, and is stopped by Ctrl-C", async (t) => {
  const page = await visit(t, browser, server.url);
  const sent = [];
  page.on("websocket", (socket) => socket.on("framesent", ({ payload }) => typeof payload === "string" && sent.push(payload)));
  await open(page, "terminal");
  await write(page, "while True: print('x' * 1000)");
  await page.getByRole("button", { name: "Run the script in it" }).click();
  const told = async (what) => {
    const end = Date.now() + 60_000;
    while (!sent.includes(JSON.stringify({ output: what }))) {
      assert.ok(Date.now() < end, `the page does not say ${what}: ${sent}`);
      await page.evaluate(() => new Promise(requestAnimationFrame)); // the page draws meanwhile
    }
  };
  await told("pause");
  await told("resume");
  await page.locator("#terminal textarea").focus();
  await page.keyboard.press("Control+c");
  await page.locator("#terminal-status").getByText("It ended: exception.").waitFor();
});

test("A terminal opens, with a key and without", async (t) => {
  for (const [url, locked] of [[server.url, false], [guarded.url, true]]) {
    const page = await visit(t, browser, url, { locked, expected: locked ? [/401 \(Unauthorized\)/] : [] });
    if (locked) {
      await page.getByLabel("A key of this server").fill(key);
      await page.getByRole("button", { name: "Use it" }).click();
      await page.locator("#profile option").first().waitFor({ state: "attached" });
    }
    await open(page, "terminal");
    const shows = (what) => page.waitForFunction((what) => document.querySelector("#terminal .xterm-rows")?.textContent.includes(what), what);
    if (!locked) {
      await page.evaluate(() => document.getElementById("profile").append(new Option("other", "other"))); // the server has none of that name
      await page.locator("#profile").selectOption("other");
      await page.getByRole("button", { name: "Open Python" }).click();
      await page.locator("#terminal-status").getByText('unknown profile "other"').waitFor();
      await page.locator("#profile").selectOption({ index: 0 });
    }
    if (locked) {
      await write(page, "print('ans' + 'wer', input('name? '))");
      await page.getByRole("button", { name: "Run the script in it" }).click();
      await shows("name?");
      await page.keyboard.type("a name\n");
      await shows("answer a name");
    } else {
      await page.getByRole("button", { name: "Open Python" }).click();
      await shows(">>>");
      await page.keyboard.type("6 * 7 * 1000\n");
      await shows("42000");
      await page.keyboard.press("Shift+Tab"); // the keyboard can leave it
      await page.waitForFunction(() => !document.getElementById("terminal").contains(document.activeElement));
      await page.locator("#terminal textarea").focus();
      await page.keyboard.press("Control+d");
    }
    await page.locator("#terminal-status").getByText("It ended: ok.").waitFor();
    await page.getByRole("button", { name: "Open Python" }).and(page.locator(":enabled")).waitFor();
  }
});

test("The pool is shown live, and says when the server is gone", async (t) => {
  const line = await wire(server.url);
  t.after(() => line.close());
  const page = await visit(t, browser, line.url, { expected: [/ERR_|Failed to load resource/] });
  await open(page, "pool");
  await page.locator("#pool-now").getByText(/^\d+ cells ready, \d+ requests running, 0 waiting, [\d.]+ answers a second/).waitFor();
  await page.waitForFunction(async () => { // answers come until a reading has some
    await fetch("execute", { method: "POST", body: '{"script": "def main(): pass"}', headers: { "Content-Type": "application/json" } });
    return /p50 [\d.]+ ms, p99 [\d.]+ ms/.test(document.getElementById("pool-now").textContent);
  });
  assert.equal(await page.locator("#pool canvas").count(), 3);
  await axe(page);
  line.cut();
  await page.locator("#pool-now").getByText("No answer: the server does not answer.").waitFor();
  line.mend();
  await page.locator("#pool-now").getByText("cells ready").waitFor();

  await page.evaluate(() => { // as when another tab is in front
    window.looked = 0;
    Object.defineProperty(document, "hidden", { configurable: true, get: () => (window.looked++, true) });
  });
  await page.waitForFunction(() => window.looked > 0);
  await page.evaluate(() => {
    delete document.hidden;
    document.getElementById("pool-now").textContent = "";
  });
  await page.locator("#pool-now").getByText("cells ready").waitFor();
});

test("A keyboard is enough", async (t) => {
  const page = await visit(t, browser, server.url);
  const reached = async () => page.evaluate(() => document.activeElement.id || document.activeElement.getAttribute("aria-label") || document.activeElement.textContent);
  const order = [];
  for (let i = 0; i < 12; i++) {
    await page.keyboard.press("Tab");
    order.push(await reached());
  }
  assert.deepEqual(order.slice(0, 7), ["example", "key-button", "run", "mode", "profile", "session", "Python script"]);
  assert.equal(order[7], "Input"); // Tab leaves the editor
  await page.locator("#run").focus();
  await page.keyboard.press("Enter");
  await ended(page);
});

test("axe finds nothing, in light on a screen, and in dark on a telephone", async (t) => {
  for (const { colorScheme, viewport } of [{ colorScheme: "light", viewport: { width: 1280, height: 900 } }, { colorScheme: "dark", viewport: { width: 360, height: 700 } }]) {
    const page = await visit(t, browser, server.url, { colorScheme, viewport });
    for (const part of ["input", "files", "limits", "copy"]) await open(page, part);
    await run(page, "import sys\ndef f(): print('out'); print('err', file=sys.stderr); 1 / 0\nclass S:\n    def _repr_html_(self): return '<p>shown</p>'\ndef main(): display(S()); f()", { mode: "function" });
    await axe(page);
    await run(page, "def main(): return [{'a': 1, 'b': 'two'}, {'a': None, 'b': True}]");
    await axe(page);
    await page.getByRole("button", { name: "Key…" }).click();
    await axe(page);
    await page.keyboard.press("Escape");
    const [inner, outer] = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
    assert.ok(inner <= outer, `${inner} pixels wide on ${outer}`);
  }
});

async function axe(page) {
  await page.evaluate(axeSource);
  const { violations } = await page.evaluate(() => window.axe.run(document, { iframes: false }));
  assert.deepEqual(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => `${node.html} ${node.failureSummary}`).join("; ")}`), []);
}

test("The pictures of the documentation can be taken", async (t) => {
  const dir = process.env.PLAYGROUND_PICTURES ?? scratch;
  const screen = await visit(t, browser, server.url, { viewport: { width: 1200, height: 760 } });
  await run(screen);
  await screen.screenshot({ path: path.join(dir, "playground.png") });
  const phone = await visit(t, browser, server.url, { viewport: { width: 390, height: 1050 }, colorScheme: "dark" });
  await phone.getByLabel("Example").selectOption({ label: "An exception" });
  await run(phone);
  await phone.locator("#error button.place").first().waitFor();
  await phone.screenshot({ path: path.join(dir, "playground-phone.png") });
});
