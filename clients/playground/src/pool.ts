// The pool, live: what is ready, runs and waits, and where the metrics may be seen, how many
// requests are answered and how fast.

import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";

interface Capacity {
  profiles: Record<string, { ready: number; target: number }>;
  running: number;
  waiting: number;
}

export interface Source {
  capacity(): Promise<Capacity>;
  metrics(): Promise<string | null>; // null: they may not be seen
  open(): boolean; // the panel is: it ends when it is not
  seen(): boolean; // the page is: nothing is asked meanwhile
  why(error: unknown): string;
}

const interval = 1000;
const kept = 120; // points in a chart
let watching = false;

// Answers counts answers by how long they took: the buckets of a histogram.
export interface Answers {
  count: number;
  buckets: [number, number][]; // at most so many seconds: how many, with all faster ones
}

// answersOf reads how long requests that ran a script took.
export function answersOf(metrics: string): Answers {
  const buckets = new Map<number, number>();
  for (const line of metrics.split("\n")) {
    const found = /^hotcell_http_request_duration_seconds_bucket\{([^}]*)\} ([0-9.e+]+)/.exec(line);
    const labels = found?.[1] ?? "";
    const limit = /le="([^"]+)"/.exec(labels)?.[1];
    if (found === null || limit === undefined || !/route="[^"]*execute"/.test(labels)) continue;
    const most = limit === "+Inf" ? Infinity : Number(limit);
    buckets.set(most, (buckets.get(most) ?? 0) + Number(found[2]));
  }
  const sorted = [...buckets].sort(([one], [other]) => one - other);
  return { count: buckets.get(Infinity) ?? 0, buckets: sorted };
}

// quantile estimates how long a part of the answers between two readings took at most, in
// milliseconds, or null if there were none.
export function quantile(part: number, before: Answers, now: Answers): number | null {
  const earlier = new Map(before.buckets);
  const count = now.count - before.count;
  if (count <= 0) return null;
  let floor = 0;
  let under = 0;
  for (const [most, sum] of now.buckets) {
    const here = sum - (earlier.get(most) ?? 0);
    if (here >= part * count) {
      if (most === Infinity) return floor * 1000;
      return (floor + (most - floor) * ((part * count - under) / (here - under || 1))) * 1000;
    }
    floor = most;
    under = here;
  }
  return floor * 1000;
}

// watchPool draws until the panel is closed.
export async function watchPool(parent: HTMLElement, now: HTMLElement, source: Source): Promise<void> {
  if (watching) return;
  watching = true;
  parent.replaceChildren();
  const cells = new Chart(parent, "cells and requests", ["ready", "running", "waiting"]);
  let rates: Chart | undefined;
  let times: Chart | undefined;
  let before: Answers | null = null;
  let at = 0;
  await whileOpen(source, async () => {
    try {
      const [capacity, metrics] = await Promise.all([source.capacity(), source.metrics()]);
      const took = (performance.now() - at) / 1000;
      at = performance.now();
      const ready = Object.values(capacity.profiles).reduce((sum, profile) => sum + profile.ready, 0);
      cells.add([ready, capacity.running, capacity.waiting]);
      const words = [`${ready} cells ready`, `${capacity.running} requests running`, `${capacity.waiting} waiting`];
      const answers = metrics === null ? null : answersOf(metrics);
      if (answers !== null && before !== null) {
        rates ??= new Chart(parent, "answers a second", ["rate"]);
        times ??= new Chart(parent, "milliseconds an answer takes", ["p50", "p99"]);
        const rate = (answers.count - before.count) / took;
        const [p50, p99] = [quantile(0.5, before, answers), quantile(0.99, before, answers)];
        rates.add([rate]);
        times.add([p50, p99]);
        words.push(`${rate.toFixed(1)} answers a second`, ...(p50 === null ? [] : [`p50 ${p50.toFixed(1)} ms`, `p99 ${(p99 ?? 0).toFixed(1)} ms`]));
      }
      before = answers;
      now.textContent = `${words.join(", ")}.`;
    } catch (error) {
      now.textContent = `No answer: ${source.why(error)}.`;
    }
  });
  watching = false;
}

// whileOpen calls what is given every second, and rests while another tab is in front.
export async function whileOpen(source: Pick<Source, "open" | "seen">, draw: () => Promise<void>, pause = interval): Promise<void> {
  while (source.open()) {
    if (source.seen()) await draw();
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}

class Chart {
  private readonly plot: uPlot;
  private readonly data: [number[], ...(number | null)[][]];

  constructor(parent: HTMLElement, title: string, names: string[]) {
    const style = getComputedStyle(document.documentElement);
    const colours = ["--run", "--queue", "--handoff"].map((name) => style.getPropertyValue(name));
    const text = style.getPropertyValue("--text");
    const grid = { stroke: style.getPropertyValue("--line"), width: 1 };
    const box = document.createElement("div");
    const heading = document.createElement("h3");
    heading.textContent = title;
    box.append(heading);
    parent.append(box);
    this.data = [[], ...names.map(() => [])];
    this.plot = new uPlot({
      width: Math.max(240, box.clientWidth), height: 160,
      axes: [{ stroke: text, grid }, { stroke: text, grid }],
      scales: { y: { range: (_, low: number | null, high: number | null) => [Math.min(0, low ?? 0), Math.max(1, high ?? 1)] } },
      series: [{}, ...names.map((label, i) => ({ label, stroke: colours[i] ?? text, width: 2, spanGaps: true }))],
    }, this.data, box);
  }

  // add appends a point to each series.
  add(values: (number | null)[]): void {
    this.data[0].push(Date.now() / 1000);
    values.forEach((value, i) => (this.data[i + 1] as (number | null)[] | undefined)?.push(value));
    if (this.data[0].length > kept) for (const series of this.data) series.shift();
    this.plot.setData(this.data);
  }
}
