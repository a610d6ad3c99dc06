// Scripts to begin with. They need numpy and pandas only.

import type { Execution } from "./wire";

export const examples: { name: string; request: Execution }[] = [
  {
    name: "A function",
    request: {
      script: `import pandas as pd


def main(rows=5):
    frame = pd.DataFrame({"n": range(rows)})
    frame["square"] = frame["n"] ** 2
    return frame
`,
    },
  },
  {
    name: "A program",
    request: { script: `import sys\n\nfor line in sys.stdin:\n    print(int(line) * 2)\n`, mode: "program", stdin: "1\n2\n3\n" },
  },
  {
    name: "Output as it comes",
    request: { script: `import time\n\nfor second in range(5):\n    print(second, flush=True)\n    time.sleep(1)\n`, mode: "program" },
  },
  {
    name: "A table",
    request: {
      script: `import numpy as np
import pandas as pd

frame = pd.DataFrame(np.random.default_rng(1).normal(size=(200, 3)), columns=["x", "y", "z"])
print("What a notebook's cell would show:")
frame.describe()
`,
      mode: "cell",
    },
  },
  {
    name: "A picture",
    request: {
      script: `class Bars:
    def __init__(self, *values):
        self.values = values

    def _repr_svg_(self):
        bars = "".join(
            f'<rect x="{30 * i}" y="{100 - v}" width="24" height="{v}" fill="#0a7ea4"/>' for i, v in enumerate(self.values)
        )
        return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {30 * len(self.values)} 100" width="300">{bars}</svg>'


Bars(20, 55, 90, 40, 70)
`,
      mode: "cell",
    },
  },
  {
    name: "A file",
    request: {
      script: `from pathlib import Path


def main():
    Path("out").mkdir()
    Path("out/squares.csv").write_text("\\n".join(f"{n},{n * n}" for n in range(10)))
`,
      collect: ["out/**"],
    },
  },
  {
    name: "An exception",
    request: { script: `def half(n):\n    return 1 / n\n\n\ndef main():\n    return [half(n) for n in (2, 1, 0)]\n` },
  },
  {
    name: "Too long",
    request: { script: `def main():\n    while True:\n        pass\n`, limits: { wall_ms: 500 } },
  },
];
