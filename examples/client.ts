/**
 * hotcell with its TypeScript client, clients/typescript, whose README says how to install it.
 *
 * HOTCELL_URL=http://127.0.0.1:8080 HOTCELL_KEY=… npx tsx examples/client.ts
 */
import { Hotcell, ScriptError } from "hotcell-client";

const hotcell = new Hotcell(); // the server at HOTCELL_URL, with the key in HOTCELL_KEY

// The result of main.
console.log(await hotcell.run("def main(a, b): return a * b", { args: [6, 7] }));

// A script that fails is an exception with its traceback.
try {
  await hotcell.run("def main(): return 1 / 0");
} catch (error) {
  if (!(error instanceof ScriptError)) throw error;
  console.log(error.answer.error?.type);
}

// Files in and out, with pandas.
const { files } = await hotcell.execute("import pandas as pd\ndef main():\n    pd.read_csv('in.csv').sum().to_csv('out.csv')", {
  files: { "in.csv": "a,b\n1,2\n3,4\n" },
  collect: ["out.csv"],
});
console.log(new TextDecoder().decode(files.get("out.csv")));

// Output as it comes.
for await (const event of hotcell.stream("def main():\n    for i in range(3): print(i)")) {
  if (event.event === "stdout") process.stdout.write(event.data.text);
}

// A session keeps its variables.
const session = await hotcell.session();
try {
  await session.execute("x = 20");
  console.log(await session.run("x + 1"));
} finally {
  await session.close();
}
