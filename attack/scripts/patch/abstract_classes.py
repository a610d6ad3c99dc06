# tries: to be asked about every value, by classes that are registered as mappings and iterators and answer for all
# expect: status ok, result [{"a": 1}, [1]]
# limits: wall_ms=10000
import collections.abc


class Meta(type):
    def __subclasscheck__(cls, one):
        return bool(armed) and 1 / 0


armed = []


class All(metaclass=Meta):
    pass


def main():
    for kind in (collections.abc.Mapping, collections.abc.Sequence, collections.abc.Iterator, collections.abc.Set):
        kind.register(All)
    armed.append(1)
    return [{"a": 1}, (1,)]


# --- then
# expect: status exception, error ZeroDivisionError, result null
# limits: wall_ms=10000
import collections.abc


class Meta(type):
    def __subclasscheck__(cls, one):
        return bool(armed) and 1 / 0


armed = []


class All(metaclass=Meta):
    pass


def main():
    collections.abc.Mapping.register(All)
    armed.append(1)
    return [{"a": 1}, object()]


# --- then
# expect: status not_json|exception, result null
# limits: wall_ms=10000
import collections.abc


class Meta(type):
    def __subclasscheck__(cls, one):
        return bool(armed)


armed = []


class All(metaclass=Meta):
    pass


def main():
    collections.abc.Mapping.register(All)
    armed.append(1)
    return [object()]


# --- then
# expect: status timeout, limit wall, result null
# limits: wall_ms=500
# within: 8000
import collections.abc


class Slow(collections.abc.Sequence):
    __getitem__ = __len__ = None

    @classmethod
    def __subclasshook__(cls, one):
        time.sleep(60)


def main():
    return object()


# --- then
# expect: status ok, result {"a": 1}
# limits: wall_ms=10000
import abc
import collections
import collections.abc
import dataclasses
import numpy
import pandas


def main():
    frame = pandas.DataFrame({"a": [1]})
    for module in (abc, collections, collections.abc, dataclasses, numpy, pandas, pandas.api.extensions):
        for name in list(vars(module)):
            if not name.startswith("_"):
                setattr(module, name, lambda *a, **k: "a lie")
    return {"a": 1}
