/** Servers that are full, slow, gone, or no hotcell. */
import { deepEqual, equal, ok, rejects, throws } from "node:assert/strict";
import { getEventListeners } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { test } from "node:test";
import { Hotcell, NoAnswer, Refused, RunError, tool, UnexpectedAnswer } from "hotcell-client";
import { pretend } from "./server.js";

const answer = {
  id: "A", status: "ok", result: 1, stdout: "", stderr: "", truncated: { stdout: false, stderr: false }, error: null, exit_code: null, signal: null,
  limit: null, files: [], outputs: [], usage: { wall_ms: 1, cpu_ms: 1, peak_memory_bytes: 1 }, timing: { queue_ms: 0, handoff_ms: 0, run_ms: 1 },
}; // biome-ignore format: as the server sends it

function send(response: ServerResponse, status: number, type: string, body: unknown, headers: Record<string, string> = {}): void {
  response.writeHead(status, { "Content-Type": type, "X-Request-Id": "R", ...headers });
  response.end(typeof body === "string" ? body : JSON.stringify(body));
}

function refuse(response: ServerResponse, status: number, code: string, headers: Record<string, string> = {}): void {
  const problem = {
    type: `urn:hotcell:problem:${code}`,
    title: code,
    status,
    detail: "why",
    code,
    request_id: "R",
    error: { type: code, message: "why", line: null },
  };
  send(response, status, "application/problem+json", problem, headers);
}

/** A server that does one step after the other, and says what it was sent. */
async function steps(...each: ((response: ServerResponse, request: IncomingMessage) => void)[]): Promise<{ url: string; got: IncomingMessage[] }> {
  const got: IncomingMessage[] = [];
  const url = await pretend((request, response) => {
    got.push(request);
    request.resume().on("end", () => each[got.length - 1]?.(response, request));
  });
  return { url, got };
}

const fine = (response: ServerResponse): void => send(response, 200, "application/json", answer);
const full = (response: ServerResponse): void => refuse(response, 503, "saturated", { "Retry-After": "0" });

test("a request that was refused before it ran is sent again when the server says", async () => {
  const limited = (response: ServerResponse): void => refuse(response, 429, "rate_limited", { "Retry-After": "1" });
  const { url, got } = await steps(full, limited, fine);
  const began = performance.now();
  equal(await new Hotcell({ url }).run("…"), 1);
  equal(got.length, 3);
  ok(performance.now() - began >= 1000);
});

test("a request is not sent again if it may have run, if that would not help, or for ever", async () => {
  const once: [string, (response: ServerResponse) => void][] = [
    ["draining", (response) => refuse(response, 503, "draining", { "Retry-After": "0" })],
    ["saturated", (response) => refuse(response, 503, "saturated")],
    ["saturated", (response) => refuse(response, 503, "saturated", { "Retry-After": "31" })],
    ["invalid_request", (response) => refuse(response, 400, "invalid_request", { "Retry-After": "0" })],
  ];
  for (const [code, step] of once) {
    const { url, got } = await steps(step, fine);
    await rejects(new Hotcell({ url }).run("…"), { name: "Refused", code, requestId: "R" });
    equal(got.length, 1);
  }
  const always = await steps(full, full, full, full, fine);
  await rejects(new Hotcell({ url: always.url }).run("…"), Refused);
  equal(always.got.length, 4);
  const never = await steps(full, fine);
  await rejects(new Hotcell({ url: never.url, retries: 0 }).run("…"), { code: "saturated", retryAfter: 0 });
});

test("aborting ends the wait before another attempt", async () => {
  const controller = new AbortController();
  const { url } = await steps((response) => {
    refuse(response, 503, "saturated", { "Retry-After": "30" });
    response.on("close", () => setTimeout(() => controller.abort(new Error("enough")), 10));
  });
  await rejects(new Hotcell({ url }).run("…", { signal: controller.signal }), { message: "enough" });
});

test("the server learns how long its answer is waited for, and the key", async () => {
  const { url, got } = await steps(fine, fine, fine);
  const hotcell = new Hotcell({ url: `${url}/`, key: " secret\n", waitingS: 5 });
  await hotcell.run("…", { limits: { wall_ms: 1500 } });
  await hotcell.run("…");
  await new Hotcell({ url, key: "", waitingS: Infinity }).run("…");
  deepEqual(
    got.map(({ headers, url: path }) => [headers.prefer, headers.authorization, path]),
    [
      ["wait=6.5", "Bearer secret", "/execute"],
      ["wait=65", "Bearer secret", "/execute"],
      [undefined, undefined, "/execute"],
    ],
  );
});

test("address and key come from the environment", async () => {
  const { url, got } = await steps(fine);
  process.env["HOTCELL_URL"] = url;
  process.env["HOTCELL_KEY"] = "from there";
  try {
    await new Hotcell().run("…");
  } finally {
    delete process.env["HOTCELL_URL"];
    delete process.env["HOTCELL_KEY"];
  }
  equal(got[0]?.headers.authorization, "Bearer from there");
  for (const wrong of ["", "localhost:8080", "ftp://host", "http://", "http://host/?x"]) throws(() => new Hotcell({ url: wrong }), TypeError);
});

test("no answer in time, and no server, are NoAnswer", async () => {
  const silent = await steps(() => undefined);
  await rejects(new Hotcell({ url: silent.url, waitingS: 0.01 }).run("…", { limits: { wall_ms: 1 } }), { name: "NoAnswer", code: "no_answer" });
  const halfway = await steps((response) => {
    response.writeHead(200, { "Content-Type": "application/json", "Content-Length": "1000" });
    response.write("{");
    setTimeout(() => response.destroy(), 10);
  });
  await rejects(new Hotcell({ url: halfway.url }).run("…"), NoAnswer);
  await rejects(new Hotcell({ url: "http://127.0.0.1:2" }).run("…"), {
    name: "NoAnswer",
    message: /^no answer from http:\/\/127\.0\.0\.1:2: .*ECONNREFUSED/,
  });
});

test("what does not come from hotcell is an UnexpectedAnswer, and a redirect is not followed", async () => {
  const strange: ((response: ServerResponse) => void)[] = [
    (response) => send(response, 502, "text/html", "<h1>Bad Gateway</h1>"),
    (response) => send(response, 200, "text/html", "<p>Welcome"),
    (response) => send(response, 200, "application/json", "{"),
    (response) => send(response, 200, "application/json", "{}"),
    (response) => send(response, 200, "application/json", { ...answer, files: [{ path: "a", size: 1, content: "x", encoding: "rot13" }] }),
    (response) => send(response, 503, "application/problem+json", "null"),
    (response) => send(response, 307, "text/plain", "", { Location: "/elsewhere" }),
  ];
  for (const step of strange) {
    const { url, got } = await steps(step, fine);
    await rejects(new Hotcell({ url }).run("…"), { name: "UnexpectedAnswer", code: "unexpected_answer" });
    equal(got.length, 1);
  }
});

test("a stream may be cut anywhere but at its end, and may have events that are new", async () => {
  const events = [
    { event: "progress", data: { percent: 3 } },
    { event: "nothing", data: null },
    { event: "stdout", data: { text: "ä€\u2028😀" } },
    { event: "result", data: answer },
  ];
  const octets = Buffer.from(events.map((event) => `${JSON.stringify(event)}\n`).join(""));
  const url = await pretend((_, response) => {
    response.writeHead(200, { "Content-Type": "application/x-ndjson" });
    void (async () => {
      for (let at = 0; at < octets.length; at += 7) {
        response.write(octets.subarray(at, at + 7));
        await new Promise((resume) => setImmediate(resume));
      }
      response.end();
    })();
  });
  const got = [];
  for await (const event of new Hotcell({ url }).stream("…")) got.push(event);
  deepEqual(got, [events[2], { event: "result", data: { ...answer, files: new Map() } }]);

  const ends: [string, object][] = [
    ['{"event":"stdout","data":{"text":"a"}}\n', UnexpectedAnswer],
    ['{"event":"problem","data":{"status":418,"code":"moved","detail":"elsewhere","request_id":"R"}}\n', { name: "Refused", code: "moved" }],
    ["{\n", UnexpectedAnswer],
  ];
  for (const [body, error] of ends) {
    const { url: cut } = await steps((response) => send(response, 200, "application/x-ndjson", body));
    const read = async (): Promise<void> => {
      for await (const _ of new Hotcell({ url: cut }).stream("…"));
    };
    await rejects(read(), error);
  }
});

test("a status that is new is an error of run, and is in the answer of execute", async () => {
  const newer = { ...answer, status: "moved", colour: "red" };
  const { url } = await steps(
    (response) => send(response, 200, "application/json", newer),
    (response) => send(response, 200, "application/json", newer),
  );
  const hotcell = new Hotcell({ url });
  deepEqual(await hotcell.execute("…"), { ...newer, files: new Map() });
  await rejects(hotcell.run("…"), (error) => error instanceof RunError && String(error.code) === "moved");
});

test("a stream without a body lets go of the caller's signal", async () => {
  const { url } = await steps((response) => response.writeHead(204).end());
  const { signal } = new AbortController();
  await rejects(new Hotcell({ url }).stream("…", { signal }).next(), { code: "unexpected_answer" });
  deepEqual(getEventListeners(signal, "abort"), []);
});

test("a file may take longer than an answer, as long as it comes", async () => {
  const prefer: (string | null)[] = [];
  const pretended: typeof fetch = async (input, init) => {
    prefer.push(new Headers(init?.headers).get("Prefer"));
    if (init?.method === "PUT") return new Response(null, { status: 204 });
    if (!String(input).endsWith("/files/slow")) return Response.json({ id: "S", limits: {} });
    let left = 3;
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => init?.signal?.addEventListener("abort", () => controller.error(init.signal?.reason)),
      async pull(controller) {
        await new Promise((resume) => setTimeout(resume, 20));
        if (init?.signal?.aborted) return;
        controller.enqueue(new Uint8Array(1));
        if (--left === 0) controller.close();
      },
    });
    return new Response(body);
  };
  const session = await new Hotcell({ url: "http://host", waitingS: 0.001, fetch: pretended }).attach("S");
  equal((await session.files.read("slow")).length, 3);
  await session.files.write("large", new Uint8Array(6_400_000));
  equal(prefer.at(-1), "wait=100.001");
});

test("a tool's result has no more text than it should, whole characters, and always a reason", async () => {
  const texts = {
    ...answer,
    stdout: "a😀😀😀b",
    stderr: "xyz",
    status: "not_json",
    error: { type: "NotJSON", message: "object", line: null, traceback: "" },
  };
  const { url } = await steps(
    (response) => send(response, 200, "application/json", texts),
    (response) => send(response, 200, "application/json", texts),
  );
  const first = await tool(new Hotcell({ url }), { mostText: 1 }).execute({ code: "…" });
  equal(first.stderr, "\n… 3 characters are left out …\n");
  const { stdout, error } = await tool(new Hotcell({ url }), { mostText: 5 }).execute({ code: "…" });
  equal(stdout, "a\n… 6 characters are left out …\nb");
  equal(error, "No\n… 11 characters are left out …\nct");
});
