# tries: to leave the state of random generators, so that it knows what the next cell draws
# expect: result "left"
import random
import numpy


def main():
    random.seed(1)
    numpy.random.seed(1)
    LIBC.srandom(1)
    return "left"


# --- then
# expect: result [false, false, true]
import random
import numpy


def main():
    ours = random.random(), float(numpy.random.random())
    return [ours[0] == random.Random(1).random(), ours[1] == float(numpy.random.RandomState(1).random_sample()), ours[0] != ours[1]]
