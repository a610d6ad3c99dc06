// Builds the page's files: node build.mjs MODULES OUT. They are the same on every machine.
import { createRequire } from "node:module";
import { copyFileSync, mkdirSync } from "node:fs";
import path from "node:path";

const [modules, out] = process.argv.slice(2).map((dir) => path.resolve(dir));
const here = import.meta.dirname;
const { build } = createRequire(path.join(modules, "package.json"))("esbuild");

mkdirSync(out, { recursive: true });
copyFileSync(path.join(here, "src/index.html"), path.join(out, "index.html"));
await build({
  absWorkingDir: here,
  entryPoints: { app: "src/main.ts", terminal: "src/terminal.ts", pool: "src/pool.ts" }, // the last two are loaded when they are needed
  nodePaths: [path.join(modules, "node_modules")],
  outdir: out,
  bundle: true,
  format: "esm",
  target: ["chrome109", "firefox115", "safari16.4"],
  minify: true,
  legalComments: "eof",
  external: ["./terminal.js", "./pool.js"],
  logLevel: "warning",
});
await build({ absWorkingDir: here, entryPoints: { app: "src/app.css" }, outdir: out, minify: true, logLevel: "warning" });
