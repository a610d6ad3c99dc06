// Uses the types that openapi-typescript generates, with openapi-fetch. It is
// compiled and not run: if it does not compile here, it does not compile for users.
import createClient from "openapi-fetch";
import type { components, paths } from "./generated/schema.js";

const client = createClient<paths>({ baseUrl: "http://127.0.0.1:8080" });

export async function run(): Promise<number> {
  // No field but script is required, and kwargs takes any names.
  await client.POST("/execute", { body: { script: "def main(): return 1" } });
  const { data, error } = await client.POST("/v1/execute", {
    body: {
      script: "def main(a, b, *, n): return n",
      args: [1, ["x", null], { deep: true }],
      kwargs: { n: 2, any: { name: [1] } },
      env: { LANG: "C.UTF-8" },
      files: [{ path: "in.txt", content: "text" }],
      collect: ["*.png"],
      limits: { wall_ms: 1000 },
    },
  });
  if (error) {
    const code: components["schemas"]["Code"] = error.code;
    throw new Error(`${code}: ${error.detail} ${error.errors?.[0]?.pointer ?? ""}`);
  }
  const result: unknown = data.result;
  if (data.status !== "ok") return data.limit === "wall" ? 124 : (data.exit_code ?? 1);
  return typeof result === "number" ? result : data.usage.wall_ms;
}

// What has a default need not be given: mode, compare, stop_on_failure.
export async function batch(): Promise<string> {
  const { data } = await client.POST("/batches", { body: { script: "print(1)", cases: [{}, { kwargs: { n: 1 } }] } });
  return data === undefined ? "" : "counts" in data ? `${data.counts.accepted}` : data.verdict;
}

export async function session(): Promise<string[]> {
  const made = await client.POST("/sessions", { body: {} });
  if (!made.data) throw new Error(made.error.title);
  const path = { id: made.data.id };
  await client.POST("/sessions/{id}/execute", { params: { path }, body: { script: "x = 1" } });
  const shown = await client.GET("/sessions/{id}", { params: { path } });
  await client.DELETE("/sessions/{id}", { params: { path } });
  const all = await client.GET("/admin/sessions", { params: { query: { key: "reports" } } });
  return [shown.data?.expires_at ?? "", ...(all.data?.sessions ?? []).map((s) => s.key ?? s.id)];
}

// The event of a line of application/x-ndjson says which type it has.
export function text(line: string): string {
  const event = JSON.parse(line) as components["schemas"]["StreamEvent"];
  switch (event.event) {
    case "stdout":
    case "stderr":
      return event.data.text;
    case "output":
      return Object.keys(event.data.data).join();
    case "result":
      return event.data.status;
    case "problem":
      return event.data.detail;
    case "nothing":
      return "";
  }
}
