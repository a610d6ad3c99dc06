# tries: to fill the host's log with faults of its children: segmentation faults, traps and aborts, which some kernels log
# expect: held
import signal


def main():
    ends = set()
    for n in range(40):
        said = in_child(lambda: ctypes.string_at(n) if n % 2 else os.abort())
        ends.add(said)
    return "held: " + " ".join(sorted(ends)).replace("died: ", "")
