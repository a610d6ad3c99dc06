// A terminal in a cell: xterm.js at the end of GET /tty, docs/tty.md.

import { FitAddon } from "@xterm/addon-fit";
import { Terminal } from "@xterm/xterm";
import "@xterm/xterm/css/xterm.css";

interface Told {
  exit?: { status: string; limit: string | null };
  problem?: { detail: string };
}

let before: Terminal | undefined;

// Octets that wait to be drawn. Above the first number the server is asked to wait, so that
// a script that floods its terminal neither fills the tab's memory nor makes Ctrl-C wait
// behind megabytes; below the second it may go on.
const most = 512 << 10;
const few = 64 << 10;

// openTerminal opens a terminal in parent. say is told how it goes, and ended when it has
// ended. Without a script it is an interactive Python.
export function openTerminal(parent: HTMLElement, url: string, key: string, request: { script: string | undefined; profile: string | undefined }, say: (text: string) => void, ended: () => void): WebSocket {
  before?.dispose();
  parent.replaceChildren();
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  const theme = dark ? { background: "#1d2127", foreground: "#e4e7eb", cursor: "#e4e7eb" } : { background: "#f6f7f9", foreground: "#1c2024", cursor: "#1c2024", selectionBackground: "#b9d7f5" };
  const terminal = new Terminal({ screenReaderMode: true, fontSize: 14, theme, minimumContrastRatio: 4.5, linkHandler: { activate: () => undefined } });
  before = terminal;
  const fit = new FitAddon();
  terminal.loadAddon(fit);
  terminal.open(parent);
  fit.fit();
  // The keyboard must be able to leave it. With Ctrl, browsers would go to another tab.
  terminal.attachCustomKeyEventHandler((event) => !(event.key === "Tab" && event.shiftKey));

  // Browsers let pages set no header for a WebSocket: the key is a subprotocol.
  const socket = new WebSocket(url, ["hotcell.tty.v1", ...(key === "" ? [] : [`hotcell.key.${key}`])]);
  socket.binaryType = "arraybuffer";
  let last = "";
  const encoder = new TextEncoder();
  const send = (data: Uint8Array<ArrayBuffer>) => {
    for (let i = 0; i < data.length && socket.readyState === WebSocket.OPEN; i += 32_768) socket.send(data.subarray(i, i + 32_768));
  };
  const flow = (output: "pause" | "resume") => {
    paused = output === "pause";
    if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify({ output }));
  };
  let waiting = 0;
  let paused = false;
  const show = (data: Uint8Array) => {
    waiting += data.length;
    terminal.write(data, () => {
      waiting -= data.length;
      if (paused && waiting < few) flow("resume");
    });
    if (!paused && waiting > most) flow("pause");
  };
  socket.onopen = () => {
    socket.send(JSON.stringify({ cols: terminal.cols, rows: terminal.rows, ...request }));
    say("The terminal is open. Shift-Tab leaves it.");
    terminal.focus();
  };
  socket.onmessage = ({ data }: MessageEvent<ArrayBuffer | string>) => {
    if (typeof data !== "string") return show(new Uint8Array(data));
    const told = JSON.parse(data) as Told;
    if (told.problem !== undefined) last = told.problem.detail;
    if (told.exit !== undefined) last = `It ended: ${told.exit.status}${told.exit.limit === null ? "" : `, limit ${told.exit.limit}`}.`;
  };
  terminal.onData((text) => send(encoder.encode(text)));
  terminal.onBinary((text) => send(Uint8Array.from(text, (character) => character.charCodeAt(0))));
  terminal.onResize(({ cols, rows }) => socket.readyState === WebSocket.OPEN && socket.send(JSON.stringify({ resize: { cols, rows } })));
  const resized = new ResizeObserver(() => fit.fit());
  resized.observe(parent);
  socket.onclose = ({ code }) => {
    resized.disconnect();
    terminal.options.disableStdin = true;
    say(last !== "" ? last : code === 1006 ? "The server does not open a terminal: it is gone, it has no place, or the key may not." : "The terminal is closed.");
    ended();
  };
  return socket;
}
