// Uses the client that @hey-api/openapi-ts generates, including streams. It is
// compiled and not run.
import { createClient } from "./generated/heyapi/client/index.js";
import { callSession, createSession, execute, listAllSessions, showSession } from "./generated/heyapi/sdk.gen.js";
import type { Answer, Execution, StreamEvent } from "./generated/heyapi/types.gen.js";

const client = createClient({ baseUrl: "http://127.0.0.1:8080" });

// No field but script is required.
export const least: Execution = { script: "def main(): return 1" };
export const most: Execution = { ...least, args: [1, "x", null], kwargs: { n: 2, any: { name: [] } }, last_expression: true };

export async function sessions(): Promise<string | undefined> {
  const { data: made } = await createSession({ client, body: {} });
  if (made === undefined) return undefined;
  await callSession({ client, path: { id: made.id }, body: { script: "x = 1" } });
  const { data: shown } = await showSession({ client, path: { id: made.id } });
  const { data: all } = await listAllSessions({ client });
  return shown?.expires_at ?? all?.sessions[0]?.key;
}

export async function stream(): Promise<Answer | undefined> {
  const { response } = await execute({ client, body: least, headers: { Accept: "application/x-ndjson" }, parseAs: "stream" });
  for (const line of (await response.text()).split("\n").filter(Boolean)) {
    const event = JSON.parse(line) as StreamEvent;
    if (event.event === "result") return event.data;
    if (event.event === "problem") throw new Error(event.data.code);
  }
  return undefined;
}
