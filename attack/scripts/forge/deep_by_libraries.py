# tries: a result that is nested too deep for its reader, by types that the worker converts: data classes, arrays of objects, series, named tuples, sets
# expect: status not_json|exception, result null
import dataclasses


@dataclasses.dataclass
class Box:
    inner: object


def main():
    value = None
    for _ in range(700):
        value = Box(value)
    return value


# --- then
# expect: status not_json|exception, result null
import numpy


def main():
    value = 1
    for _ in range(700):
        outer = numpy.empty(1, dtype=object)
        outer[0] = value
        value = outer
    return value


# --- then
# expect: status not_json|exception, result null
def main():
    value = frozenset()
    for _ in range(700):
        value = frozenset([value])
    return value
