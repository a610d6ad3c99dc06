// The request as text to take elsewhere. A key is never in it: it is read from HOTCELL_KEY.

import { address } from "./api";
import { written } from "./exact";
import { storedKey } from "./keys";
import { linkTo } from "./link";
import type { Execution } from "./wire";

export type Kind = "curl" | "python" | "typescript" | "mcp" | "link";

// asText writes a request in one of the kinds.
export async function asText(kind: Kind, request: Execution): Promise<string> {
  switch (kind) {
    case "curl":
      return curl(request);
    case "python":
      return python(request);
    case "typescript":
      return typescript(request);
    case "mcp":
      return mcp(request);
    case "link":
      return linkTo(request);
  }
}

function curl(request: Execution): string {
  const key = storedKey() === "" ? "" : ` -H "Authorization: Bearer $HOTCELL_KEY"`;
  const quoted = `'${JSON.stringify(request, null, 1).replaceAll("'", "'\\''")}'`;
  return `curl -s '${address("execute").replaceAll("'", "%27")}' -H 'Content-Type: application/json'${key} --data-binary ${quoted}\n`;
}

function python(request: Execution): string {
  const { script, files, ...rest } = request;
  const key = storedKey() === "" ? "" : `, key=os.environ["HOTCELL_KEY"]`;
  const fields = Object.entries(rest).map(([name, value]) => `${name}=${pythonValue(value)},`);
  if (files !== undefined) fields.push(`files={${files.map((file) => `${pythonValue(file.path)}: ${pythonContent(file)}`).join(", ")}},`);
  return [
    ...(key === "" && !JSON.stringify(files ?? []).includes('"base64"') ? [] : [`import ${[...(JSON.stringify(files ?? []).includes('"base64"') ? ["base64"] : []), ...(key === "" ? [] : ["os"])].join(", ")}`, ""]),
    "from hotcell import Client",
    "",
    `script = ${pythonText(script)}`,
    "",
    `with Client(${pythonValue(address(".").replace(/\/$/, ""))}${key}) as hotcell:`,
    "    answer = hotcell.execute(",
    ...["script,", ...fields].map((line) => `        ${line}`),
    "    )",
    "    print(answer.status, answer.result, answer.stdout)",
    "",
  ].join("\n");
}

function pythonContent(file: { content: string; encoding: string }): string {
  return file.encoding === "base64" ? `base64.b64decode(${pythonValue(file.content)})` : pythonValue(file.content);
}

// pythonText writes a script over many lines where Python would read it back unchanged.
function pythonText(text: string): string {
  const plain = !text.includes('"""') && !/[\\\r\0]/.test(text) && !text.endsWith('"') && text.isWellFormed?.() !== false;
  return plain ? `"""${text}"""` : pythonValue(text);
}

// pythonValue writes a JSON value as Python does. JSON's texts are Python's, too.
function pythonValue(value: unknown): string {
  if (value === null || value === undefined) return "None";
  const number = written(value);
  if (number !== undefined) return number;
  if (typeof value === "boolean") return value ? "True" : "False";
  if (Array.isArray(value)) return `[${value.map(pythonValue).join(", ")}]`;
  if (typeof value === "object") return `{${Object.entries(value).map(([name, item]) => `${JSON.stringify(name)}: ${pythonValue(item)}`).join(", ")}}`;
  return JSON.stringify(value);
}

function typescript(request: Execution): string {
  const body = JSON.stringify(request);
  const same = !body.includes('"__proto__"') && JSON.stringify(JSON.parse(body)) === body; // as a literal
  const key = storedKey() === "" ? "" : ", Authorization: `Bearer ${process.env.HOTCELL_KEY}`";
  return [
    `const response = await fetch(${JSON.stringify(address("execute"))}, {`,
    '  method: "POST",',
    `  headers: { "Content-Type": "application/json"${key} },`,
    same ? `  body: JSON.stringify(${JSON.stringify(request, null, 2).replaceAll("\n", "\n  ")}),` : `  body: ${JSON.stringify(body)},`,
    "});",
    "console.log(await response.json());",
    "",
  ].join("\n");
}

// mcp writes the call of the tool that assistants have, which runs a notebook's cell.
function mcp(request: Execution): string {
  const { script, profile, stdin, files, collect, limits } = request;
  const timeout = limits?.wall_ms === undefined ? undefined : limits.wall_ms / 1000;
  const call = { name: "run_python", arguments: { code: script, profile, stdin, files, collect, timeout_s: timeout } };
  return `${JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params: call }, null, 2)}\n`;
}
