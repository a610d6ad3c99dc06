// The parts of openapi.yaml that the page uses.

export type Mode = "function" | "program" | "cell";

export interface SentFile {
  path: string;
  content: string;
  encoding: "utf-8" | "base64";
}

export interface Execution {
  script: string;
  mode?: Mode;
  profile?: string;
  stdin?: string;
  args?: unknown[];
  kwargs?: Record<string, unknown>;
  files?: SentFile[];
  collect?: string[];
  limits?: Record<string, number>;
  display?: boolean;
}

export interface Failure {
  type: string;
  message: string;
  traceback?: string;
  line: number | null;
  column?: number | null;
  text?: string | null;
  hint?: string;
}

export interface Output {
  kind: "result" | "display";
  data: Record<string, unknown>;
}

export interface Answer {
  id: string;
  status: string;
  result: unknown;
  stdout: string;
  stderr: string;
  truncated: { stdout: boolean; stderr: boolean };
  error: Failure | null;
  exit_code: number | null;
  signal: string | null;
  limit: string | null;
  files: { path: string; size: number; content: string; encoding: "utf-8" | "base64" }[];
  outputs: Output[];
  usage: { wall_ms: number; cpu_ms: number | null; peak_memory_bytes: number | null };
  timing: { queue_ms: number; handoff_ms: number; run_ms: number };
}

export interface Problem {
  title: string;
  status: number;
  detail: string;
  code: string;
  request_id: string;
  error: Failure;
  errors?: { pointer: string; message: string }[];
}

export interface Info {
  version: string;
  default_profile: string;
  profiles: Record<string, { python: string; packages: Record<string, string>; limits: { default: Record<string, number>; max: Record<string, number> } }>;
}

export type Event =
  | { event: "stdout" | "stderr"; data: { text: string } }
  | { event: "output"; data: Output }
  | { event: "result"; data: Answer }
  | { event: "problem"; data: Problem }
  | { event: "nothing"; data: null };
