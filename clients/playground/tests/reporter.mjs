// The last line of a run, in the words that the gate's table counts.
export default async function* (events) {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for await (const { type, data } of events) {
    if (type !== "test:pass" && type !== "test:fail") continue;
    if (data.details?.type === "suite") continue;
    counts[data.skip !== undefined ? "skipped" : type === "test:pass" ? "passed" : "failed"]++;
  }
  yield `${Object.entries(counts).filter(([name, count]) => count > 0 || name === "passed").map(([name, count]) => `${count} ${name}`).join(", ")}\n`;
}
