# tries: to answer twice, by an iterator that forks while the worker reads it
# expect: status ok, result [1, "parent"]
def main():
    def items():
        yield 1
        yield "child" if os.fork() == 0 else "parent"

    return items()


# --- then
# expect: status ok, result {"who": "parent"}
class Model:
    def model_dump(self):
        return {"who": "child" if os.fork() == 0 else "parent"}


def main():
    return Model()


# --- then
# expect: status ok, result ["parent"]
def main():
    def items():
        if os.fork() == 0:
            raise ValueError("of the child")
        os.wait()
        yield "parent"

    return items()
