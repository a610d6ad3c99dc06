/** The package as it is installed, the examples of its README, and its tool in the AI SDK. */
import { deepEqual, equal, ok } from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { MockLanguageModelV3 } from "ai/test";
import { Hotcell, tool, version } from "hotcell-client";
import { serve } from "./server.js";

const url = await serve();

test("what is installed tells its version, and needs nothing", async () => {
  const about = JSON.parse(await readFile(createRequire(import.meta.url).resolve("hotcell-client/package.json"), "utf8"));
  deepEqual([about.version, about.license, about.dependencies, about.type], [version, "MIT", undefined, "module"]);
});

for (const [name, file, printed] of [
  [
    "README's examples run",
    "readme-1.js",
    "42\nZeroDivisionError half\n\ntimeout wall\nas it comes\n1\nHELLO\n21\n[ 'data/in.csv' ]\n499500\nsyntax_error 1\n",
  ],
  ["example in the repository's examples runs", "example.js", "42\nZeroDivisionError\n,0\na,4\nb,6\n\n0\n1\n2\n21\n"],
] as const) {
  test(`the ${name}`, async () => {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [join(import.meta.dirname, file)], {
      env: { PATH: process.env["PATH"], HOTCELL_URL: url },
    });
    deepEqual([stdout, stderr], [printed, ""]);
  });
}

const usage = {
  inputTokens: { total: 1, noCache: 1, cacheRead: 0, cacheWrite: 0 },
  outputTokens: { total: 1, text: 1, reasoning: 0 },
};

test("the AI SDK runs the tool, tells the model how to call it and what came of it", async () => {
  const { ask } = (await import("./readme-2.js")) as typeof import("./readme-2.js");
  process.env["HOTCELL_URL"] = url;
  const model = new MockLanguageModelV3({
    doGenerate: [
      {
        content: [{ type: "tool-call", toolCallId: "1", toolName: "python", input: JSON.stringify({ code: "x = 20\nprint('hi')\nx + 1" }) }],
        finishReason: { unified: "tool-calls", raw: undefined },
        usage,
        warnings: [],
      },
      { content: [{ type: "text", text: "21" }], finishReason: { unified: "stop", raw: undefined }, usage, warnings: [] },
    ],
  });
  equal(await ask(model, "how much is it?"), "21");
  const [first, second] = model.doGenerateCalls;
  const offered = first?.tools?.[0];
  ok(offered?.type === "function" && offered.name === "python");
  deepEqual(offered.inputSchema.required, ["code"]);
  const told = second?.prompt.at(-1);
  ok(told?.role === "tool" && told.content[0]?.type === "tool-result" && told.content[0].output.type === "json");
  deepEqual(told.content[0].output.value, { status: "ok", result: 21, stdout: "hi\n", shown: ["21"] });
});

test("a tool tells the model what it can mend, and not too much", async () => {
  const { execute, inputSchema } = tool(new Hotcell({ url }), { mostText: 100 });
  const run = (code: string) => execute({ code });
  const long = await run("print('x' * 1000)");
  equal(long.stdout, `${"x".repeat(50)}\n… 901 characters are left out …\n${"x".repeat(49)}\n`);
  const hasty = tool(new Hotcell({ url }), { limits: { wall_ms: 200 } });
  equal((await hasty.execute({ code: "while True: pass" })).status, "timeout (wall)");
  ok((await run("1 / 0")).error?.includes("ZeroDivisionError"));
  equal((await execute({ code: "\ud800" })).status, "refused");
  deepEqual(inputSchema["~standard"].validate({ code: "1" }), { value: { code: "1" } });
  ok("issues" in inputSchema["~standard"].validate({ source: "1" }));
});
