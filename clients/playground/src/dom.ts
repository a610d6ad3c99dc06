// Small helpers for the document. Text always goes in as text: nothing here parses HTML.

type Child = Node | string;
type Properties<K extends keyof HTMLElementTagNameMap> = Partial<Omit<HTMLElementTagNameMap[K], "style">> & { aria?: Record<string, string> };

// element makes an element with properties and children.
export function element<K extends keyof HTMLElementTagNameMap>(tag: K, properties: Properties<K> = {}, ...children: Child[]): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  const { aria, ...rest } = properties;
  Object.assign(made, rest);
  for (const [name, value] of Object.entries(aria ?? {})) made.setAttribute(`aria-${name}`, value);
  made.append(...children);
  return made;
}

// byId returns an element of index.html, which must have it.
export function byId<T extends HTMLElement = HTMLElement>(id: string): T {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`index.html has no #${id}`);
  return found as T;
}

// fill replaces an element's children, and hides the part of the page that is about it if
// there are none.
export function fill(id: string, ...children: Child[]): void {
  byId(id).replaceChildren(...children);
  const part = document.getElementById(`${id}-part`);
  if (part !== null) part.hidden = children.length === 0;
}

// button makes a button that calls what is given.
export function button(text: string, onclick: () => void, properties: Properties<"button"> = {}): HTMLButtonElement {
  return element("button", { type: "button", onclick, ...properties }, text);
}

// bytes writes a number of bytes for people.
export function bytes(count: number): string {
  const units = ["B", "KiB", "MiB", "GiB"];
  let unit = 0;
  while (count >= 1024 && unit < units.length - 1) {
    count /= 1024;
    unit++;
  }
  return `${unit === 0 ? count : count.toFixed(1)} ${units[unit]}`;
}

// latest returns a function that makes something and returns it. It is shown unless the
// function was called again meanwhile: what takes long does not replace what is newer.
export function latest<T>(make: () => Promise<T>, show: (made: T) => void): () => Promise<T> {
  let newest = 0;
  return async () => {
    const mine = ++newest;
    const made = await make();
    if (mine === newest) show(made);
    return made;
  };
}
