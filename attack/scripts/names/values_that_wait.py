# tries: values that take their time when they are asked: iterators, properties, dates, arrays, each in another way
# expect: status timeout, limit wall
# limits: wall_ms=400
# within: 8000
import datetime


class Day(datetime.date):
    def isoformat(self):
        time.sleep(60)


def main():
    return Day(2020, 1, 1)


# --- then
# expect: status timeout, limit wall
# limits: wall_ms=400
# within: 8000
import enum


class Slow(enum.Enum):
    A = 1

    @property
    def value(self):
        time.sleep(60)


def main():
    return Slow.A


# --- then
# expect: status timeout, limit wall
# limits: wall_ms=400
# within: 8000
import dataclasses


@dataclasses.dataclass
class Slow:
    a: int = 1

    def __getattribute__(self, name):
        if name == "a":
            time.sleep(60)
        return object.__getattribute__(self, name)


def main():
    return Slow()
