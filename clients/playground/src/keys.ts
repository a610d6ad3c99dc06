// The key of this tab. It is kept in sessionStorage: other tabs, and later visits, do not
// have it. Where the browser lets the page store nothing, it is kept as long as the page.

import { byId } from "./dom";

const place = "hotcell.key";
let here = "";

// storedKey returns the key, or "" if there is none.
export function storedKey(): string {
  try {
    return sessionStorage.getItem(place) ?? here;
  } catch {
    return here;
  }
}

function store(key: string): void {
  here = key;
  try {
    if (key === "") sessionStorage.removeItem(place);
    else sessionStorage.setItem(place, key);
  } catch {
    // it is kept here
  }
}

// fitsTerminal reports whether a key may be part of the name of a subprotocol, which is how
// it gets to a terminal.
export function fitsTerminal(key: string): boolean {
  return /^[\w!#$%&'*+.^`|~-]*$/.test(key);
}

// askForKey opens the dialog. It resolves with whether the visitor chose something.
export function askForKey(why: string): Promise<boolean> {
  const dialog = byId<HTMLDialogElement>("key-dialog");
  const input = byId<HTMLInputElement>("key-input");
  byId("key-why").textContent = why;
  input.value = "";
  if (!dialog.open) dialog.showModal();
  input.focus();
  return new Promise((resolve) => {
    const done = (chosen: boolean) => {
      input.value = "";
      dialog.onclose = null;
      dialog.close();
      byId("key-button").textContent = storedKey() === "" ? "Key…" : "Key: set";
      resolve(chosen);
    };
    dialog.onclose = () => done(false); // by Escape
    byId("key-cancel").onclick = () => done(false);
    byId("key-forget").onclick = () => {
      store("");
      done(true);
    };
    byId<HTMLFormElement>("key-form").onsubmit = (event) => {
      event.preventDefault();
      const key = input.value.trim();
      if (key === "") return;
      if (!/^[ -~]+$/.test(key)) { // a header could not carry it
        byId("key-why").textContent = "That is no key: keys have letters, digits and signs of ASCII only.";
        return;
      }
      store(key);
      done(true);
    };
  });
}
