/** A real `hotcell serve`, and servers that are none. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { after } from "node:test";

const program = resolve(import.meta.dirname, "../../../hotcell"); // in build, as this is

/** Starts a server, and stops it when the tests of the file have ended. Returns its address. */
export async function serve(...flags: string[]): Promise<string> {
  const state = await mkdtemp(join(tmpdir(), "client-tests-"));
  await chmod(state, 0o755); // jails must be able to enter it
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("HOTCELL_") || name === "HOTCELL_PYTHON"));
  const server = spawn(program, ["serve", "--listen", "127.0.0.1:0", "--state-dir", state, "--preload", "", "--pool-size", "4", ...flags], {
    env: { ...env, HOTCELL_JOBS_DIR: join(state, "jobs") },
    stdio: ["ignore", "ignore", "pipe"],
  });
  after(async () => {
    if (server.exitCode === null) {
      server.kill("SIGTERM");
      await once(server, "exit");
    }
    await rm(state, { recursive: true });
  });
  const log: string[] = [];
  const address = await new Promise<string>((found, failed) => {
    createInterface(server.stderr).on("line", (line) => {
      log.push(line);
      const serving = /msg=serving address=(\S+)/.exec(line);
      if (serving?.[1]) found(`http://${serving[1]}`);
    });
    server.on("exit", () => failed(new Error(`the server has ended:\n${log.join("\n")}`)));
  });
  await eventually(async () => (await fetch(`${address}/readyz`)).ok);
  return address;
}

/** Returns how many scripts run now. */
export async function running(url: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(/^hotcell_running (\d+)$/m.exec(text)?.[1]);
}

/** Waits until a condition holds. */
export async function eventually(condition: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + 30_000;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error("it never came to be");
    await new Promise((resume) => setTimeout(resume, 20));
  }
}

/** A server that is not hotcell: it answers as the test says. Returns its address. */
export async function pretend(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  const server = createServer(answer).listen(0, "127.0.0.1");
  after(() => {
    server.closeAllConnections();
    server.close();
  });
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
