# tries: nested epoll, wide and deep, whose cycle checks the kernel does in one go
# limits: wall_ms=1500
# within: 8000
# expect: held
# expect: status timeout
import select


def main():
    layers = []
    try:
        for _ in range(4):
            layers.append([select.epoll() for _ in range(30)])
        for below, above in zip(layers, layers[1:]):
            for a in above:
                for b in below:
                    a.register(b.fileno(), 1)
        for first in layers[0]:
            for last in layers[-1]:
                first.register(last.fileno(), 1)
    except OSError as e:
        return f"held: {name_of(e.errno)}"
    return "held: all"
