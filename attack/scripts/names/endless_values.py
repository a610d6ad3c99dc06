# tries: values that never end, counted by nobody: generators, mappings, sequences, of nothing, of much, of themselves
# expect: status output_limit, limit result, result null
# limits: wall_ms=10000 result_bytes=100000
def main():
    def endless():
        while True:
            yield {}

    return endless()


# --- then
# expect: status not_json, error generator, message contains "nested more than", result null
# limits: wall_ms=10000 result_bytes=100000
def main():
    def endless():
        while True:
            yield endless()

    return endless()


# --- then
# expect: status output_limit, limit result, result null
# limits: wall_ms=10000 result_bytes=100000
import collections.abc


class Endless(collections.abc.Mapping):
    def __getitem__(self, key):
        return 1

    def __iter__(self):
        return iter(range(10**30))

    def __len__(self):
        return 0


def main():
    return {"first": 1, "then": Endless()}


# --- then
# expect: status not_json, message contains "two keys", result null
# limits: wall_ms=10000 result_bytes=100000
import collections


class Endless(collections.UserDict):
    def items(self):
        while True:
            yield "a", 1


def main():
    return Endless()


# --- then
# expect: status output_limit, limit result, result null
# limits: wall_ms=10000 result_bytes=100000
import collections


class Row(collections.UserList):
    def __iter__(self):
        while True:
            yield "x" * 1000

    def __len__(self):
        return -1 and 1 << 62


def main():
    return Row()


# --- then
# expect: status output_limit, limit result, result null
# limits: wall_ms=10000 result_bytes=100000
def main():
    return range(10**40)


# --- then
# expect: status timeout, limit wall, result null
# limits: wall_ms=500
# within: 8000
def main():
    return (x for x in iter(int, 1) if x)
