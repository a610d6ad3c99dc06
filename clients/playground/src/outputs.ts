// What a script showed: pictures, HTML, JSON, text. All of it may be hostile. Pictures are
// images, in which nothing runs. HTML goes into a frame of its own, without scripts, and
// without the page's origin.

import { element } from "./dom";
import { show } from "./tree";
import type { Output } from "./wire";

const pictures = ["image/png", "image/jpeg", "image/gif", "image/webp", "image/svg+xml"];

interface Policy {
  createHTML(text: string): string;
}
declare global {
  interface Window {
    trustedTypes?: { createPolicy(name: string, rules: Policy): Policy };
  }
}

// The only place where text becomes HTML: srcdoc of a frame with an empty sandbox.
const frames: Policy = window.trustedTypes?.createPolicy("frame", { createHTML: (text) => text }) ?? { createHTML: (text) => text };

// shown returns an element for one output, in the richest form that it has.
export function shown(output: Output): HTMLElement {
  const text = typeof output.data["text/plain"] === "string" ? output.data["text/plain"] : "";
  for (const kind of pictures) {
    const data = output.data[kind];
    if (typeof data === "string") return picture(kind, data, text);
  }
  const html = output.data["text/html"];
  if (typeof html === "string") return frame(html);
  for (const [kind, data] of Object.entries(output.data)) {
    if (kind === "application/json" || kind.endsWith("+json")) return element("div", { className: "shown" }, show(data));
  }
  const other = Object.entries(output.data).find(([kind, data]) => kind !== "text/plain" && kind.startsWith("text/") && typeof data === "string");
  return element("pre", { className: "shown", tabIndex: 0, aria: { label: "Shown text" } }, String(other?.[1] ?? text));
}

function picture(kind: string, data: string, text: string): HTMLElement {
  const source = kind === "image/svg+xml" ? `data:${kind};charset=utf-8,${encodeURIComponent(data.toWellFormed?.() ?? data)}` : `data:${kind};base64,${data}`;
  return element("img", { className: "shown", src: source, alt: text === "" ? "a picture that the script showed" : text.slice(0, 200) });
}

// inert takes three elements out of HTML. In a frame without rights they can load nothing,
// and yet browsers look up names and connect to hosts ahead for some of them, whatever the
// policy says: a script without a network could tell others what it has seen.
export function inert(html: string): string {
  return html.replace(/<(?=(?:link|meta|iframe)[\s/>])/gi, "<no-");
}

function frame(html: string): HTMLElement {
  const made = element("iframe", { className: "shown", title: "HTML that the script showed", referrerPolicy: "no-referrer" });
  made.setAttribute("sandbox", ""); // before it has anything
  made.setAttribute("srcdoc", frames.createHTML(inert(html)));
  return made;
}
