// A link that has a script in its fragment, which browsers do not send to servers. Opening
// one fills in the page. It runs nothing.

import { address } from "./api";
import { parse } from "./exact";
import { fromBase64, toBase64 } from "./files";
import { modes } from "./form";
import type { Execution } from "./wire";

const mark = "#run=";
const largest = 2 << 20; // characters, once unpacked

async function through(content: Uint8Array<ArrayBuffer>, stream: CompressionStream | DecompressionStream, most: number): Promise<Uint8Array<ArrayBuffer>> {
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;
  const reader = new Blob([content]).stream().pipeThrough(stream as ReadableWritablePair<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>).getReader();
  for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
    length += chunk.value.length;
    if (length > most) {
      await reader.cancel();
      throw new Error("the link has too much in it");
    }
    pieces.push(chunk.value);
  }
  return new Uint8Array(await new Blob(pieces).arrayBuffer());
}

// linkTo returns a link with the parts of a request that text can carry: not its files, and
// no key.
export async function linkTo(request: Execution): Promise<string> {
  const { script, mode, stdin, args, kwargs, collect } = request;
  const text = new TextEncoder().encode(JSON.stringify({ script, mode, stdin, args, kwargs, collect }));
  const packed = toBase64(await through(text, new CompressionStream("deflate-raw"), Infinity));
  return address("") + mark + packed.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

// readLink returns the request in the address of the page, or null if it has none.
export async function readLink(fragment: string): Promise<Partial<Execution> | null> {
  if (!fragment.startsWith(mark)) return null;
  const packed = fromBase64(fragment.slice(mark.length).replaceAll("-", "+").replaceAll("_", "/"));
  const text = new TextDecoder("utf-8", { fatal: true }).decode(await through(packed, new DecompressionStream("deflate-raw"), largest));
  const value = parse(text) as Record<string, unknown>;
  const request: Partial<Execution> = {};
  if (typeof value.script === "string") request.script = value.script;
  if (typeof value.stdin === "string") request.stdin = value.stdin;
  const mode = modes.find((one) => one === value.mode);
  if (mode !== undefined) request.mode = mode;
  if (Array.isArray(value.args)) request.args = value.args;
  if (Array.isArray(value.collect)) request.collect = value.collect.filter((pattern) => typeof pattern === "string");
  if (typeof value.kwargs === "object" && value.kwargs !== null && !Array.isArray(value.kwargs)) request.kwargs = value.kwargs as Record<string, unknown>;
  return request;
}
