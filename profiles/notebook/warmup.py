# Runs in the zygote and once in each cell: what scripts of this profile commonly
# do first. Keep it short, because it is part of the start of each cell. Do not draw
# text: matplotlib keeps its font files open, and a cell starts with no descriptor
# that it does not need.
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
