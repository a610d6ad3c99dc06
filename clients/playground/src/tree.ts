// A JSON value as a tree, or as a table if it is a list of records. Branches are built when
// they are opened, and in pieces, so that no value is too large or too deep.

import { button, element } from "./dom";
import { written } from "./exact";

const piece = 100; // items that are shown at a time
const maxColumns = 40;

type Parent = { [name: string]: unknown };

function isParent(value: unknown): value is Parent | unknown[] {
  return typeof value === "object" && value !== null && written(value) === undefined;
}

// show returns an element with the value.
export function show(value: unknown): HTMLElement {
  const columns = columnsOf(value);
  return columns === null ? node("", value, true) : table(value as Parent[], columns);
}

function leaf(value: unknown): HTMLElement {
  const kind = written(value) !== undefined ? "number" : value === null ? "null" : typeof value;
  return element("span", { className: `json-${kind}` }, JSON.stringify(value));
}

function node(name: string, value: unknown, open: boolean): HTMLElement {
  const label = name === "" ? [] : [element("span", { className: "json-name" }, name), ": "];
  if (!isParent(value)) return element("div", { className: "json-leaf" }, ...label, leaf(value));
  const names = Array.isArray(value) ? null : Object.keys(value);
  const count = names?.length ?? (value as unknown[]).length;
  const size = names === null ? `[ ${count} ]` : `{ ${count} }`;
  const branch = element("details", { className: "json-branch" }, element("summary", {}, ...label, size));
  let built = false;
  branch.ontoggle = () => {
    if (!branch.open || built) return;
    built = true;
    inPieces(branch, count, (i) => {
      const key = names?.[i] ?? String(i);
      return node(key, (value as Parent)[key], false);
    });
  };
  branch.open = open && count > 0;
  return branch;
}

// inPieces appends count items to a parent, and a button for more of them.
function inPieces(parent: HTMLElement, count: number, item: (i: number) => HTMLElement, from = 0): void {
  const to = Math.min(count, from + piece);
  for (let i = from; i < to; i++) parent.append(item(i));
  if (to === count) return;
  const more = button(`${count - to} more`, () => {
    more.remove();
    inPieces(parent, count, item, to);
  });
  parent.append(more);
}

// columnsOf returns the names of the members if the value is a list of records with the
// same ones, as a DataFrame is, and null otherwise.
function columnsOf(value: unknown): string[] | null {
  if (!Array.isArray(value) || value.length === 0) return null;
  let first: string | null = null;
  for (const item of value) {
    if (!isParent(item) || Array.isArray(item)) return null;
    const names = JSON.stringify(Object.keys(item));
    first ??= names;
    if (names !== first || Object.values(item).some(isParent)) return null;
  }
  const columns = Object.keys(value[0] as Parent);
  return columns.length > 0 && columns.length <= maxColumns ? columns : null;
}

function table(rows: Parent[], columns: string[]): HTMLElement {
  const head = element("thead", {}, element("tr", {}, ...columns.map((name) => element("th", { scope: "col" }, name))));
  const body = element("tbody");
  const whole = element("div", { className: "scroll", tabIndex: 0, role: "region", aria: { label: "The result as a table" } }, element("table", {}, head, body));
  const rest = element("div");
  const row = (i: number) => element("tr", {}, ...columns.map((name) => element("td", {}, leaf(rows[i]?.[name]))));
  const upTo = (to: number) => {
    for (let i = body.children.length; i < Math.min(to, rows.length); i++) body.append(row(i));
    rest.replaceChildren(...(to < rows.length ? [button(`${rows.length - to} more`, () => upTo(to + piece))] : []));
  };
  upTo(piece);
  return element("div", {}, whole, rest);
}
