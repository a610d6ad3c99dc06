# tries: every socket, file, bytes and frame of the worker that its interpreter still holds, for what they lead to
# expect: held NOTHING
import gc
import io
import socket


def main():
    own = set(range(4))
    for thing in gc.get_objects():
        if isinstance(thing, (socket.socket, io.FileIO)):
            try:
                number = thing.fileno()
            except (OSError, ValueError):
                continue
            if number >= 0 and number not in own:
                try:
                    os.fstat(number)
                    return f"ESCAPED: {thing!r} is open"
                except OSError:
                    pass
    frame = sys._getframe()
    while frame:
        for name, value in frame.f_locals.items():
            if isinstance(value, int) and value > 3 and "fd" in name:
                try:
                    os.fstat(value)
                    return f"ESCAPED: {name} of {frame.f_code.co_name} is the open descriptor {value}"
                except OSError:
                    pass
        frame = frame.f_back
    return "held: NOTHING"
