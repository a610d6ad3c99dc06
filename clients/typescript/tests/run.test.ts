/** Scripts, sessions, streams and batches on a real server. */
import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { openAsBlob } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { type Answer, type BatchRun, type Event, Hotcell, JobEnded, Refused, RunError, ScriptError, TimeLimit } from "hotcell-client";
import { eventually, running, serve } from "./server.js";

const url = await serve();
const hotcell = new Hotcell({ url });
const long = { wall_ms: 60_000 };

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

describe("a script", () => {
  test("returns its result, with arguments in and numbers, text and objects out", async () => {
    const script = "def main(a, *, n, **rest): return {'a': a, 'n': n, 'rest': rest}";
    const result = await hotcell.run(script, { args: [[1, "ä", null]], kwargs: { n: 0.5, x: { y: [true] }, ["__proto__"]: 1 } });
    deepEqual(result, JSON.parse('{"a":[1,"ä",null],"n":0.5,"rest":{"x":{"y":[true]},"__proto__":1}}'));
  });

  test("has an answer by its status, and an error of that kind", async () => {
    const cases: [string, Answer["status"], string, string][] = [
      ["def main():\n  1 / 0", "exception", "ScriptError", "ZeroDivisionError: division by zero, line 2 of the script"],
      ["def main(): return object()", "not_json", "NotJSON", "$"],
      ["def main():\n  while True: pass", "timeout", "TimeLimit", "limit wall"],
      ["def main(): return 'x' * 100", "output_limit", "OutputLimit", "limit result"],
      ["import sys\ndef main(): sys.exit(3)", "exited", "Exited", "exit_code 3"],
      ["import ctypes\ndef main(): ctypes.string_at(0)", "killed", "Killed", "signal SIGSEGV"],
    ];
    for (const [script, status, name, message] of cases) {
      const options = { limits: status === "timeout" ? { wall_ms: 200 } : { result_bytes: 64 } };
      const answer = await hotcell.execute(script, options);
      equal(answer.status, status);
      const error = await hotcell.run(script, options).catch((caught: unknown) => caught);
      ok(error instanceof RunError && error.name === name, `${script}: ${String(error)}`);
      equal(error.code, status);
      ok(error.message.includes(message), error.message);
      match(error.requestId, /^[A-Z2-7]{26}$/);
    }
  });

  test("takes files, bytes and Blobs, and gives back what it leaves, whatever the name", async () => {
    const bytes = Uint8Array.from({ length: 70_000 }, (_, n) => n);
    const script = `
import pathlib
def main():
    pathlib.Path("__proto__").write_text("grüß")
    pathlib.Path("out.bin").write_bytes(pathlib.Path("in/bytes").read_bytes())
    return [pathlib.Path(name).read_text() for name in ("text", "blob", "buffer")]`;
    const answer = await hotcell.execute(script, {
      files: { text: "ä", "in/bytes": bytes, blob: new Blob(["b"]), buffer: new TextEncoder().encode("c").buffer },
      collect: ["*.bin", "__proto__"],
    });
    deepEqual(answer.result, ["ä", "b", "c"]);
    deepEqual([...answer.files.keys()].sort(), ["__proto__", "out.bin"]);
    deepEqual(answer.files.get("out.bin"), bytes);
    equal(new TextDecoder().decode(answer.files.get("__proto__")), "grüß");
  });

  test("that is refused says why, with the code and the request's id", async () => {
    const error = await hotcell.run("def main(:").catch((caught: unknown) => caught);
    ok(error instanceof Refused);
    deepEqual([error.code, error.status, error.problem.error.line, error.retryAfter], ["syntax_error", 400, 1, null]);
    match(error.requestId, /^[A-Z2-7]{26}$/);
    await rejects(hotcell.execute("def main(): pass", { limits: { wall_ms: 1e9 } }), {
      code: "limit_too_high",
      errors: [{ pointer: "/limits/wall_ms", message: "is 1000000000; the maximum is 60000" }],
    });
  });

  test("ends when its signal is aborted", async () => {
    const controller = new AbortController();
    const run = hotcell.run("import time\ndef main(): time.sleep(55)", { signal: controller.signal, limits: long });
    await eventually(async () => (await running(url)) > 0);
    controller.abort(new Error("enough"));
    await rejects(run, { message: "enough" });
    await eventually(async () => (await running(url)) === 0);
    await rejects(hotcell.run("def main(): pass", { signal: controller.signal }), { message: "enough" });
    await rejects(hotcell.run("def main(): pass", { signal: AbortSignal.abort() }), { name: "AbortError" });
  });
});

describe("a stream", () => {
  test("has what is written and shown as it comes, and then the answer", async () => {
    const script = "print('ä\\u2028')\nimport sys; print('e', file=sys.stderr)\ndisplay({'a': 1})\n3";
    const events = await all(hotcell.stream<number>(script, { mode: "cell" }));
    const of = (kind: Event["event"]) =>
      events
        .filter(({ event }) => event === kind)
        .map(({ data }) => ("text" in data ? data.text : ""))
        .join("");
    deepEqual([of("stdout"), of("stderr")], ["ä\u2028\n", "e\n"]);
    ok(events.some((event) => event.event === "output" && event.data.data["text/plain"] === "{'a': 1}"));
    const last = events.at(-1);
    ok(last?.event === "result" && last.data.status === "ok" && last.data.result === 3);
  });

  test("that is left early ends the script", async () => {
    for await (const event of hotcell.stream("import time\ndef main():\n print('now', flush=True)\n time.sleep(55)", { limits: long })) {
      equal(event.event, "stdout");
      break;
    }
    await eventually(async () => (await running(url)) === 0);
  });

  test("is refused as any other script is", async () => {
    await rejects(all(hotcell.stream("def main(:")), { name: "Refused", code: "syntax_error" });
  });
});

describe("a session", () => {
  test("keeps names and files, and ends at the end of its block", async () => {
    let id: string;
    {
      await using session = await hotcell.session({ ttl_s: 600, files: { "a.txt": "sent" } });
      id = session.id;
      await session.execute("x = open('a.txt').read()");
      equal(await session.run("x + '!'"), "sent!");
      const written = (await all(session.stream("print(x)"))).map((event) => (event.event === "stdout" ? event.data.text : ""));
      equal(written.join(""), "sent\n");
      const again = await hotcell.attach(id);
      equal(await again.run("x"), "sent");
      const { calls, busy } = await again.state();
      deepEqual([calls, busy], [4, false]);
      ok(Date.parse((await session.prolong(300)).expires_at) > Date.now());
      equal(await session.interrupt(), false);
    }
    await rejects(hotcell.attach(id), { code: "not_found" });
  });

  test("has files of any name, in and out, and from a disk", async () => {
    await using session = await hotcell.session();
    const big = new Uint8Array(3 << 20).fill(7);
    const local = await mkdtemp(join(tmpdir(), "client-tests-"));
    try {
      await writeFile(join(local, "big"), big);
      await session.files.write("from/disk", await openAsBlob(join(local, "big")));
    } finally {
      await rm(local, { recursive: true });
    }
    await session.files.write("ä ?#%2F.txt", "text");
    deepEqual(await session.files.list("from/**"), [{ path: "from/disk", bytes: big.length }]);
    deepEqual(await session.files.read("from/disk"), big);
    equal(await session.files.text("ä ?#%2F.txt"), "text");
    await session.files.remove("from/disk");
    await rejects(session.files.read("from/disk"), { code: "not_found" });
    for (const path of ["", "..", "a/../b", "/a", "a//b", "."]) await rejects(session.files.write(path, ""), TypeError);
    await rejects(hotcell.attach("../info"), TypeError);
  });

  test("that is busy is refused, or waited for in line", async () => {
    await using session = await hotcell.session();
    const slow = rejects(session.run("import time; time.sleep(55)", { limits: long }), { name: "ScriptError", message: /KeyboardInterrupt/ });
    await eventually(async () => (await session.state()).busy);
    await rejects(session.run("2"), { code: "busy", status: 409 });
    const waits = session.queue(60).run("3");
    equal(await session.interrupt(), true);
    equal(await waits, 3);
    await slow;
  });

  test("survives a call over its time, and does not survive a crash", async () => {
    await using session = await hotcell.session();
    await session.run("x = 1");
    await rejects(session.run("while True: pass", { limits: { wall_ms: 200, interrupt_grace_ms: 5000 } }), TimeLimit);
    equal(await session.run("x"), 1);
    await rejects(session.run("1 / 0"), ScriptError);
    await session.execute("import ctypes; ctypes.string_at(0)");
    const gone = await session.run("x").catch((caught: unknown) => caught);
    ok(gone instanceof Refused);
    deepEqual([gone.code, gone.verdict?.status], ["gone", "killed"]);
    await session.close(); // it has ended: that is not an error
  });
});

describe("a batch", () => {
  test("runs each script with each case, in as many requests as that takes", async () => {
    const large = " ".repeat(1 << 20); // so that there are three requests
    async function* cases() {
      for (let n = 0; n < 9; n++) yield { stdin: n + large, expected_stdout: `${n * 2}` };
    }
    const script = "n = int(input())\nif n not in (3, 8): print(n * 2)";
    const runs = await all(hotcell.batch(script, cases(), { mode: "program" }));
    deepEqual(runs.map((run) => run.case).sort(), [0, 1, 2, 3, 4, 5, 6, 7, 8]);
    deepEqual(
      runs.filter((run) => run.verdict !== "accepted").map((run) => [run.case, run.verdict]),
      [
        [3, "wrong_answer"],
        [8, "wrong_answer"],
      ],
    );
    ok(runs.every((run) => run.answer?.status === "ok"));
  });

  test("stops scripts that fail, and says which case is wrong", async () => {
    const scripts = ["print(1)", "exit(3)", "import"];
    const runs: BatchRun[] = await all(hotcell.batch(scripts, [{}], { mode: "program" }));
    deepEqual(Object.fromEntries(runs.map((run) => [run.script, run.verdict])), { 0: "accepted", 1: "runtime_error", 2: "runtime_error" });
    await rejects(
      all(hotcell.batch("print(1)", [{ args: [1] }], { mode: "program" })),
      (error) => error instanceof Refused && /^\/cases\/0\/args/.test(error.detail),
    );
  });

  test("that is left early is cancelled", async () => {
    const cases = Array.from({ length: 20 }, (_, n) => ({ stdin: `${n && 55}` }));
    for await (const run of hotcell.batch("import time\ntime.sleep(int(input()))", cases, { mode: "program", limits: long })) {
      equal(run.verdict, "accepted");
      break;
    }
    await eventually(async () => (await running(url)) === 0);
  });
});

describe("a job", () => {
  test("is kept until it is answered, and once for each idempotency key", async () => {
    const options = { args: [20], files: { "a.txt": "1" }, idempotency_key: "once" };
    const job = await hotcell.submit<number>("def main(n): return n + int(open('a.txt').read())", options);
    equal((await job.wait()).result, 21);
    const again = await hotcell.submit<number>("def main(n): return n + int(open('a.txt').read())", options);
    equal(again.id, job.id);
    equal((await hotcell.job(job.id).state()).status, "done");
    ok((await hotcell.jobs("done")).some(({ id }) => id === job.id));
    deepEqual(await hotcell.jobs("lost"), []);
    await rejects((await hotcell.submit("x = 1")).wait(), { name: "Refused", code: "no_main" });
  });

  test("tells how far it is, and can be cancelled", async () => {
    const job = await hotcell.submit("import time\ndef main(): time.sleep(55)", { limits: long });
    const seen = [];
    for await (const state of job.events()) {
      seen.push(state.status);
      if (state.status === "running") equal((await job.cancel()).status, "cancelled");
    }
    deepEqual(seen.slice(-2), ["running", "cancelled"]);
    const error = await job.wait().catch((caught: unknown) => caught);
    ok(error instanceof JobEnded);
    deepEqual([error.code, error.state.reason], ["cancelled", "the client cancelled it"]);
    await rejects(async () => hotcell.job("../info"), TypeError);
    await rejects(hotcell.job("A".repeat(26)).state(), { code: "not_found" });
  });
});

test("a server says what it is and what it can take", async () => {
  const info = await hotcell.info();
  ok(info.profiles["default"]?.limits.default.wall_ms);
  ok((await hotcell.capacity()).suggested_concurrency >= 1);
});
