"""Run in the zygote and rehearsed in each cell: what scripts commonly do first."""

import pandas as pd


def main():
    data = pd.DataFrame({"group": ["a", "b", "a", "b", "a"], "numbers": [1, 2, 3, 4, 5]})
    groups = data.groupby("group")["numbers"].sum()
    print(end="")
    return {
        "mean": data["numbers"].mean(),
        "max": data["numbers"].max(),
        "groups": groups.to_dict(),
        "rows": data[data["numbers"] > 2].to_dict("records"),
    }
