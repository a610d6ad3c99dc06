// The key of this tab. It is kept in sessionStorage: other tabs, and later visits, do not
// have it.

import { byId } from "./dom";

const place = "hotcell.key";

// storedKey returns the key, or "" if there is none.
export function storedKey(): string {
  return sessionStorage.getItem(place) ?? "";
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
      sessionStorage.removeItem(place);
      done(true);
    };
    byId<HTMLFormElement>("key-form").onsubmit = (event) => {
      event.preventDefault();
      if (input.value.trim() === "") return;
      sessionStorage.setItem(place, input.value.trim());
      done(true);
    };
  });
}
