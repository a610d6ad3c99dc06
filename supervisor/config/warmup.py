# Run in the zygote, and rehearsed in each cell: the paths that scripts commonly
# take first. Short, since what it touches each cell pays for in its start.
import pandas as pd


def main():
    data = pd.DataFrame({"numbers": [1, 2, 3, 4, 5]})
    return {"mean": data["numbers"].mean(), "max": data["numbers"].max()}
