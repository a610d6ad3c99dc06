// What a script prints, as it comes. The page shows the first part of it; all of it is kept
// and can be shown or saved.

import { button, byId, element } from "./dom";
import { save } from "./files";

const shownAtMost = 200_000; // characters; a browser lays out more too slowly

export class Log {
  private pieces: { text: string; error: boolean }[] = [];
  private waiting: { text: string; error: boolean }[] = []; // for the next frame
  private length = 0;
  private shown = 0;
  private most = shownAtMost;

  constructor() {
    byId("output").replaceChildren();
    byId("output-part").hidden = true;
    byId("output-more").hidden = true;
  }

  // add takes a piece of stdout or stderr. Many pieces are shown at once.
  add(text: string, error: boolean): void {
    if (text === "") return;
    this.pieces.push({ text, error });
    this.length += text.length;
    if (this.waiting.push({ text, error }) === 1) requestAnimationFrame(() => this.flush());
  }

  // flush shows what has waited.
  flush(): void {
    const output = byId("output");
    const follow = output.scrollTop + output.clientHeight >= output.scrollHeight - 8;
    for (const { text, error } of this.waiting) {
      const part = text.slice(0, Math.max(0, this.most - this.shown));
      this.shown += part.length;
      if (part === "") continue;
      const last = output.lastElementChild;
      if (last !== null && (last.className === "stderr") === error) last.append(part);
      else output.append(element("span", { className: error ? "stderr" : "stdout" }, part));
    }
    this.waiting = [];
    byId("output-part").hidden = this.length === 0;
    if (follow) output.scrollTop = output.scrollHeight;
    const more = byId("output-more");
    more.hidden = this.shown === this.length;
    if (!more.hidden) {
      more.replaceChildren(
        `The first ${this.shown.toLocaleString("en")} of ${this.length.toLocaleString("en")} characters. `, button("Show all", () => this.showAll()), " ",
        button("Save all", () => save("output.txt", new Blob(this.pieces.map((piece) => piece.text)))),
      );
    }
  }

  private showAll(): void {
    byId("output").replaceChildren();
    this.shown = 0;
    this.most = Infinity;
    this.waiting = [...this.pieces];
    this.flush();
  }
}
