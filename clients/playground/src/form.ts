// The request that the page's fields stand for.

import { byId, element } from "./dom";
import { parse, written } from "./exact";
import { sentFiles } from "./files";
import type { Execution, Info, Mode } from "./wire";

// Wrong is a field with a value that cannot be sent.
export class Wrong extends Error {
  constructor(readonly field: string, message: string) {
    super(message);
  }
}

export const modes: readonly Mode[] = ["function", "program", "cell"];

function field(id: string): string {
  return byId<HTMLInputElement>(id).value;
}

// chosenProfile returns the profile, unless it is the default.
export function chosenProfile(): string | undefined {
  const profile = byId<HTMLSelectElement>("profile");
  return profile.selectedIndex > 0 ? profile.value : undefined;
}

// read returns the request for a script, without members that have their default.
export async function read(script: string): Promise<Execution> {
  const request: Execution = { script };
  const mode = field("mode") as Mode;
  if (mode !== "function") request.mode = mode;
  const profile = chosenProfile();
  if (profile !== undefined) request.profile = profile;
  if (field("stdin") !== "") request.stdin = field("stdin");
  const args = parsed("args", "a JSON array such as [1, \"two\"]", Array.isArray);
  if (args !== undefined) request.args = args as unknown[];
  const kwargs = parsed("kwargs", "a JSON object such as {\"n\": 3}", (value) => typeof value === "object" && value !== null && !Array.isArray(value));
  if (kwargs !== undefined) request.kwargs = kwargs as Record<string, unknown>;
  const files = await sentFiles();
  if (files.length > 0) request.files = files;
  const collect = field("collect").split(/\s+/).filter((pattern) => pattern !== "");
  if (collect.length > 0) request.collect = collect;
  const limits = readLimits();
  if (Object.keys(limits).length > 0) request.limits = limits;
  if (mode !== "cell") request.display = true;
  return request;
}

function parsed(id: string, what: string, fits: (value: unknown) => boolean): unknown {
  const text = field(id).trim();
  if (text === "") return undefined;
  let value: unknown;
  try {
    value = parse(text);
  } catch {
    throw new Wrong(id, `${text.slice(0, 40)} is not JSON; give ${what}`);
  }
  if (written(value) !== undefined || !fits(value)) throw new Wrong(id, `${text.slice(0, 40)} is not ${what}`);
  return value;
}

function readLimits(): Record<string, number> {
  const limits: Record<string, number> = {};
  for (const input of byId("limits").querySelectorAll("input")) {
    if (input.value !== "") limits[input.name] = Number(input.value);
  }
  return limits;
}

// offer fills in the profiles and limits that the server has.
export function offer(info: Info): void {
  const names = [info.default_profile, ...Object.keys(info.profiles).filter((name) => name !== info.default_profile)];
  const profile = byId<HTMLSelectElement>("profile");
  const before = profile.value;
  profile.replaceChildren(...names.filter((name) => name in info.profiles).map((name) => element("option", { value: name }, name)));
  if (names.includes(before)) profile.value = before;
  const show = () => offerLimits(info, profile.value);
  profile.onchange = show;
  show();
}

function offerLimits(info: Info, name: string): void {
  const limits = info.profiles[name]?.limits;
  if (limits === undefined) return;
  const before = readLimits();
  byId("limits").replaceChildren(...Object.entries(limits.default).map(([limit, standard]) => {
    const id = `limit-${limit}`;
    const input = element("input", { id, name: limit, type: "number", min: "1", max: String(limits.max[limit] ?? ""), step: "1", placeholder: String(standard) });
    if (limit in before) input.value = String(before[limit]);
    return element("div", {}, element("label", { htmlFor: id }, limit), input);
  }));
}

// set fills in fields of a request from an example or a link.
export function set(request: Partial<Execution>): void {
  const values: Record<string, string> = {
    mode: request.mode ?? "function", stdin: request.stdin ?? "", args: request.args === undefined ? "" : JSON.stringify(request.args),
    kwargs: request.kwargs === undefined ? "" : JSON.stringify(request.kwargs), collect: (request.collect ?? []).join(" "),
  };
  for (const [id, value] of Object.entries(values)) byId<HTMLInputElement>(id).value = value;
  const input = byId<HTMLDetailsElement>("input-part");
  input.open = input.open || [values.stdin, values.args, values.kwargs].some((value) => value !== "");
  const files = byId<HTMLDetailsElement>("files-part");
  files.open = files.open || values.collect !== "";
  for (const limit of byId("limits").querySelectorAll("input")) limit.value = String(request.limits?.[limit.name] ?? "");
}
