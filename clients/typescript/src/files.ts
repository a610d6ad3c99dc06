/** Files on their way into a jail and out of it. */
import type { Schemas } from "./types.js";

/** A file's content. A Blob of a file on disk (`openAsBlob` of Node, a file input of a browser) is read when it is sent. */
export type FileContent = string | Uint8Array<ArrayBuffer> | ArrayBuffer | Blob;

/** Files by their paths below the working directory. */
export type Files = Readonly<Record<string, FileContent>>;

/** Encodes files for the JSON of a request. */
export function encodeFiles(files: Files): Promise<Schemas["File"][]> {
  return Promise.all(
    Object.entries(files).map(async ([path, content]) => {
      if (typeof content === "string") return { path, content };
      const bytes = content instanceof Uint8Array ? content : new Uint8Array(content instanceof Blob ? await content.arrayBuffer() : content);
      return { path, content: toBase64(bytes), encoding: "base64" as const };
    }),
  );
}

/** Decodes collected files. It is a Map, since a script may name a file `__proto__`. */
export function decodeFiles(files: Schemas["Answer"]["files"]): Map<string, Uint8Array<ArrayBuffer>> {
  return new Map(files.map(({ path, content, encoding }) => [path, decodeFile(content, encoding)]));
}

function decodeFile(content: string, encoding: string): Uint8Array<ArrayBuffer> {
  if (encoding === "utf-8") return new TextEncoder().encode(content);
  if (encoding === "base64") return Uint8Array.from(atob(content), (character) => character.charCodeAt(0));
  throw new TypeError(`unknown encoding of a file: ${encoding}`);
}

const most = 0x8000; // characters that one call of fromCharCode takes everywhere

function toBase64(bytes: Uint8Array): string {
  const pieces: string[] = [];
  for (let at = 0; at < bytes.length; at += most) pieces.push(String.fromCharCode(...bytes.subarray(at, at + most)));
  return btoa(pieces.join(""));
}
