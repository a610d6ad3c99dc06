// The parts of the page that are loaded when they are first opened.

import { address, ask, Lost, Refused } from "./api";
import { byId, element } from "./dom";
import type { Editor } from "./editor";
import { chosenProfile } from "./form";
import { fitsTerminal, storedKey } from "./keys";

function stylesheet(name: string): void {
  document.head.append(element("link", { rel: "stylesheet", href: address(name) }));
}

// bindPanels makes the terminal and the pool work.
export function bindPanels(editor: Editor): void {
  const open = byId<HTMLButtonElement>("terminal-open");
  const withScript = byId<HTMLButtonElement>("terminal-run");
  const close = byId<HTMLButtonElement>("terminal-close");
  const say = (text: string) => (byId("terminal-status").textContent = text);
  const start = async (script: string | undefined) => {
    const key = storedKey();
    if (!fitsTerminal(key)) {
      say("The key has a character, such as / or =, that a page cannot send to a terminal.");
      return;
    }
    open.disabled = withScript.disabled = true;
    try {
      const { openTerminal } = (await import("./terminal.js")) as typeof import("./terminal");
      const socket = openTerminal(byId("terminal"), address("tty").replace(/^http/, "ws"), key, { script, profile: chosenProfile() }, say, () => {
        open.disabled = withScript.disabled = false;
        close.disabled = true;
      });
      close.disabled = false;
      close.onclick = () => socket.close();
    } catch (error) {
      say(`The terminal cannot be loaded: ${String(error)}`);
      open.disabled = withScript.disabled = false;
    }
  };
  byId("terminal-part").addEventListener("toggle", () => stylesheet("playground/terminal.css"), { once: true });
  open.onclick = () => void start(undefined);
  withScript.onclick = () => void start(editor.text());

  const pool = byId<HTMLDetailsElement>("pool-part");
  pool.addEventListener("toggle", () => stylesheet("playground/pool.css"), { once: true });
  pool.ontoggle = () => {
    if (!pool.open) return;
    let refused = false; // only keys with the admin right may see the metrics, and only if they are on this address
    void import("./pool.js").then((module) =>
      (module as typeof import("./pool")).watchPool(byId("pool"), byId("pool-now"), {
        capacity: async () => (await ask("capacity")).json(),
        metrics: async () => {
          if (refused) return null;
          try {
            return await (await ask("metrics", { headers: { Accept: "text/plain" } })).text();
          } catch (error) {
            refused = error instanceof Refused;
            return null;
          }
        },
        open: () => pool.open,
        seen: () => !document.hidden,
        why: (error: unknown) => (error instanceof Refused || error instanceof Lost ? error.message : String(error)),
      }),
    );
  };
}
