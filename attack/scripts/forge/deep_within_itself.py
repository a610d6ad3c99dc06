# tries: a value that contains itself, through a list, a dict, both, and a class that creates a new one each time it is asked
# expect: status not_json|exception, result null
def main():
    value = []
    value.append(value)
    return value


# --- then
# expect: status not_json|exception, result null
def main():
    a, b = {}, []
    a["b"], b[:] = b, [a]
    return a


# --- then
# expect: status not_json|exception|memory_limit|timeout, result null
# expect: status ok
# limits: wall_ms=3000
import enum


class Endless(dict):
    def items(self):
        return [("x", Endless())]

    def __len__(self):
        return 1


def main():
    return Endless(a=1)
