// What piston-client of npm makes of a hotcell, as JSON. It comes to node on its input.
import piston from "piston-client";
const client = piston({ server: process.env.URL });
const run = await client.execute("python", "import sys; print(sys.argv[1:], input())", { stdin: "typed" });
const all = await Promise.all([...Array(64).keys()].map((n) => client.execute("python", `print(${n})`, { args: [] })));
const failed = await client.execute({ language: "python", version: "3.10.0", files: [{ content: "import a" }, { name: "a.py", content: "1 / 0" }] });
const unknown = await client.execute("brainfuck", "+");
console.log(JSON.stringify({ runtimes: await client.runtimes(), run, all: all.map((a) => a.run.output), failed, unknown }));
