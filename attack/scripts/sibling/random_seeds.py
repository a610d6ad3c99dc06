# tries: to draw what a sibling draws where the seed is the kernel's or the program's: hashes, addresses, start times, ports, names
# expect: status ok
import numpy


def main():
    return [os.urandom(8).hex(), numpy.random.default_rng().random(), hash(os.urandom(8)), time.time_ns()]


# --- beside
# expect: result differs
import numpy


def main():
    return [os.urandom(8).hex(), numpy.random.default_rng().random(), hash(os.urandom(8)), time.time_ns()]
