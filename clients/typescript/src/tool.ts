/** A tool for language models: of the AI SDK, or of any other that takes Standard Schema. */
import { Refused } from "./errors.js";
import type { Options, Runner } from "./runner.js";
import type { ScriptException } from "./types.js";

/** How a tool runs what a model writes: by default as cells of a notebook. */
export interface ToolOptions extends Omit<Options, "signal" | "stdin" | "args" | "kwargs"> {
  /** What the model is told. */
  description?: string;
  /** How many characters of each text the model gets; the middle of longer ones is left out. Default 10,000. */
  mostText?: number;
}

/** What a model gets. */
export interface ToolResult {
  status: string;
  result?: unknown;
  stdout?: string;
  stderr?: string;
  /** What the code showed, as text. */
  shown?: string[];
  error?: string;
}

/** What the AI SDK calls a tool. Its schema follows https://standardschema.dev. */
export interface PythonTool {
  description: string;
  inputSchema: {
    readonly "~standard": {
      readonly version: 1;
      readonly vendor: string;
      readonly types?: { readonly input: { code: string }; readonly output: { code: string } } | undefined;
      readonly validate: (value: unknown) => { readonly value: { code: string } } | { readonly issues: ReadonlyArray<{ readonly message: string }> };
      readonly jsonSchema: { readonly input: () => Record<string, unknown>; readonly output: () => Record<string, unknown> };
    };
  };
  execute: (input: { code: string }, options?: { abortSignal?: AbortSignal | undefined }) => Promise<ToolResult>;
}

/**
 * Makes a tool that runs Python, for `tools` of the AI SDK's `generateText` and `streamText`. With a session, names and files stay from one call
 * to the next; with a client, each call starts anew.
 */
export function tool(runner: Runner, { description, mostText = 10_000, ...options }: ToolOptions = {}): PythonTool {
  const schema = (): Record<string, unknown> => ({
    type: "object",
    properties: { code: { type: "string", description: "Python source" } },
    required: ["code"],
    additionalProperties: false,
  });
  return {
    description:
      description ??
      "Run Python code in a sandbox without network, as a cell of a notebook. The value of the last expression, what is printed and what is shown come back.",
    inputSchema: {
      "~standard": {
        version: 1,
        vendor: "hotcell",
        validate: (value) => (hasCode(value) ? { value } : { issues: [{ message: 'use an object with "code", a string' }] }),
        jsonSchema: { input: schema, output: schema },
      },
    },
    execute: async ({ code }, { abortSignal } = {}) => {
      try {
        return forModel(await runner.execute(code, { mode: "cell", ...options, signal: abortSignal }), mostText);
      } catch (error) {
        if (!(error instanceof Refused && error.status === 400)) throw error;
        return { status: "refused", error: cut(error.detail, mostText) }; // what the model can mend
      }
    },
  };
}

function forModel(answer: Awaited<ReturnType<Runner["execute"]>>, most: number): ToolResult {
  const shown = answer.outputs.map(({ data }) => data["text/plain"]).filter((text) => typeof text === "string");
  const result = JSON.stringify(answer.result);
  return {
    status: answer.limit === null ? answer.status : `${answer.status} (${answer.limit})`,
    ...(answer.result === null ? {} : { result: result.length <= most ? answer.result : cut(result, most) }),
    ...(answer.stdout === "" ? {} : { stdout: cut(answer.stdout, most) }),
    ...(answer.stderr === "" ? {} : { stderr: cut(answer.stderr, most) }),
    ...(shown.length === 0 ? {} : { shown: shown.map((text) => cut(text, most)) }),
    ...(answer.error === null ? {} : { error: cut(told(answer.error), most) }),
  };
}

/** An error that has no traceback has a message. */
function told({ type, message, traceback, hint }: ScriptException): string {
  return [traceback || `${type}: ${message}`, hint].filter(Boolean).join("\n");
}

function hasCode(value: unknown): value is { code: string } {
  return typeof value === "object" && value !== null && "code" in value && typeof value.code === "string";
}

function cut(text: string, most: number): string {
  if (text.length <= most) return text;
  const half = Math.floor(most / 2);
  const begin = text.slice(0, half).replace(/[\ud800-\udbff]$/, ""); // half of a character is none
  const end = text.slice(text.length - half).replace(/^[\udc00-\udfff]/, "");
  return `${begin}\n… ${text.length - begin.length - end.length} characters are left out …\n${end}`;
}
