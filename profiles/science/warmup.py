# Run in the zygote, and rehearsed in each cell: what scripts of this profile
# commonly do first. Short, since what it touches each cell pays for in its start.
# Without text: matplotlib keeps the files of its fonts open, and a cell begins
# with no descriptor that it does not need.
import io

import matplotlib.pyplot as plt
import numpy as np
import scipy.linalg
from sklearn.linear_model import LinearRegression


def main():
    x = np.arange(8.0).reshape(4, 2)
    fitted = LinearRegression().fit(x, x[:, 0])
    solved = scipy.linalg.solve(np.eye(2), np.ones(2))
    figure, axes = plt.subplots(figsize=(1, 1))
    axes.plot(x)
    axes.set_axis_off()  # its numbers are text
    figure.savefig(io.BytesIO(), format="png")
    plt.close(figure)
    return {"fitted": fitted.coef_, "solved": solved}
