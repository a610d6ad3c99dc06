// The files of a session: listed, saved, removed, and put there.

import { ask, Refused } from "./api";
import { button, byId, bytes, element } from "./dom";
import { save } from "./files";

interface Listing {
  files: { path: string; bytes: number }[];
  more: boolean;
}

const shownAtMost = 200; // a cell may have made many

// at returns the route of a file.
function at(session: string, path: string): string {
  return `${session}/files/${path.split("/").map(encodeURIComponent).join("/")}`;
}

function say(text: string): void {
  byId("session-files-status").textContent = text;
}

// forget empties the list. It is shown while a session is wanted.
export function forget(wanted: boolean): void {
  byId("session-files").replaceChildren();
  byId("session-files-part").hidden = !wanted;
  say("");
}

// attempt does something with a file, and says why it cannot be done.
async function attempt(what: string, act: () => Promise<void>): Promise<void> {
  try {
    await act();
  } catch (error) {
    say(`${what}: ${error instanceof Error ? error.message : String(error)}.`);
  }
}

// list shows the session's files. Their names are texts that the cell made.
export async function list(session: string): Promise<void> {
  let found: Listing;
  try {
    found = (await (await ask(`${session}/files`)).json()) as Listing;
  } catch (error) {
    if (error instanceof Refused && (error.problem.code === "gone" || error.problem.code === "not_found")) return; // who lists the names says so
    say(`The files cannot be listed: ${error instanceof Error ? error.message : String(error)}.`);
    return;
  }
  const shown = found.files.slice(0, shownAtMost);
  byId("session-files").replaceChildren(...shown.map(({ path, bytes: size }) => element("li", {}, `${path}, ${bytes(size)} `,
    button("Save", () => void attempt(`${path} cannot be read`, async () => save(path.split("/").pop() ?? "file", await (await ask(at(session, path))).blob())), { aria: { label: `Save ${path} of the session` } }), " ",
    button("Delete", () => void attempt(`${path} cannot be deleted`, async () => {
      await ask(at(session, path), { method: "DELETE" });
      await list(session);
      byId("session-pick").focus(); // the button is gone
    }), { aria: { label: `Delete ${path} of the session` } }))));
  say(shown.length < found.files.length || found.more ? `The first ${shown.length} files.` : found.files.length === 0 ? "None yet." : "");
}

// bind lets the visitor put files into the session, which begin makes if there is none.
export function bind(begin: () => Promise<string>): void {
  const pick = byId<HTMLInputElement>("session-pick");
  pick.onchange = () => void attempt("The files cannot be put there", async () => {
    const chosen = [...(pick.files ?? [])];
    pick.value = "";
    const session = await begin();
    for (const file of chosen) await ask(at(session, file.name), { method: "PUT", body: file, headers: { "Content-Type": "application/octet-stream" } });
    await list(session);
  });
}
