// Files that go in, by drag and drop, and files that come out.

import { button, byId, bytes, element } from "./dom";
import type { Answer, SentFile } from "./wire";

const chosen = new Map<string, File>();

// openFiles lets the visitor choose files. changed is called when they have changed.
export function openFiles(changed: () => void): void {
  const pick = byId<HTMLInputElement>("pick");
  const add = (files: Iterable<File>) => {
    for (const file of files) chosen.set(file.name, file);
    byId<HTMLDetailsElement>("files-part").open = true;
    list(changed);
  };
  pick.onchange = () => {
    add(pick.files ?? []);
    pick.value = "";
  };
  // Without these a browser would leave the page and open the file.
  document.addEventListener("dragover", (event) => {
    if (event.dataTransfer?.types.includes("Files") === true) event.preventDefault();
  });
  document.addEventListener("drop", (event) => {
    if (event.dataTransfer?.types.includes("Files") !== true) return;
    event.preventDefault();
    event.stopPropagation(); // the editor would insert its text
    add(event.dataTransfer.files);
  }, { capture: true });
}

function list(changed: () => void): void {
  byId("files").replaceChildren(
    ...[...chosen].map(([name, file]) =>
      element("li", {}, `${name}, ${bytes(file.size)} `, button("Remove", () => {
        chosen.delete(name);
        list(changed);
      }, { aria: { label: `Remove ${name}` } })),
    ),
  );
  byId("files-count").textContent = chosen.size === 0 ? "" : `(${chosen.size})`;
  changed();
}

// sentFiles reads the chosen files: as text where they are UTF-8, else in base64.
export function sentFiles(): Promise<SentFile[]> {
  return Promise.all([...chosen].map(async ([path, file]) => {
    const content = new Uint8Array(await file.arrayBuffer());
    try {
      return { path, content: new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(content), encoding: "utf-8" as const };
    } catch {
      return { path, content: toBase64(content), encoding: "base64" as const };
    }
  }));
}

export function toBase64(content: Uint8Array): string {
  let text = "";
  for (let i = 0; i < content.length; i += 0x8000) text += String.fromCharCode(...content.subarray(i, i + 0x8000));
  return btoa(text);
}

export function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

// save gives the visitor a file. The browser makes its name safe.
export function save(name: string, content: Blob): void {
  const link = element("a", { href: URL.createObjectURL(content), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

// collected returns a list item for each file that came back.
export function collected(files: Answer["files"]): HTMLElement[] {
  return files.map((file) =>
    element("li", {}, button(file.path, () => {
      const content = file.encoding === "base64" ? fromBase64(file.content) : file.content;
      save(file.path.split("/").pop() ?? "file", new Blob([content], { type: "application/octet-stream" }));
    }, { aria: { label: `Save ${file.path}` } }), `, ${bytes(file.size)}`),
  );
}
