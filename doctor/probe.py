# The self-test's hostile script: tries what no cell may do, and reports what it found.
import os
import random
import secrets
import socket
import ssl
import tempfile
import uuid


def works(attempt, *args):
    try:
        attempt(*args)
    except OSError:
        return False
    return True


def writable(directory):
    name = os.path.join(directory, "hotcell-probe")
    return works(lambda: open(name, "x").close()) or works(lambda: os.mkdir(name))


def sibling():
    """Takes a name in the network namespace. Where a sibling has it, tries to reach that one."""
    name = "\0hotcell-probe"
    try:
        ears.append(socket.socket(socket.AF_UNIX))
        ears[0].bind(name)
        ears[0].listen(1)
        return "none"
    except PermissionError:
        return "none"
    except OSError:
        try:
            socket.socket(socket.AF_UNIX).connect(name)
        except PermissionError:
            return "none"
    return "reached"


ears = []  # stay open after main, for as long as the cell is there


def main():
    roots = ["/", "/dev", "/env", "/etc", "/hotcell", "/usr", "/usr/lib", "/usr/tmp", "/var", "/run", "/home", "/root"]
    kernels = ["/proc/1", "/proc/self/status", "/proc/sys", "/sys/kernel", "/sys/class"]
    families = {
        "AF_INET": socket.AF_INET,
        "AF_INET6": socket.AF_INET6,
        "AF_NETLINK": socket.AF_NETLINK,
        "AF_PACKET": socket.AF_PACKET,
    }
    # The device's mode and its mount allow it.
    beyond_landlock = {"writing to /dev/urandom": lambda: os.close(os.open("/dev/urandom", os.O_WRONLY))}
    generators = {
        "random": random.random,
        "os.urandom": lambda: os.urandom(8),
        "secrets": secrets.token_hex,
        "uuid1": uuid.uuid1,
        "uuid4": uuid.uuid4,
        "ssl": lambda: ssl.RAND_bytes(8),
        "tempfile": lambda: tempfile.mktemp().rpartition("/")[2],
    }
    try:
        import numpy

        generators["numpy.random"] = numpy.random.random
    except ImportError:
        pass
    return {
        "writable": [d for d in roots if os.path.isdir(d) and writable(d)],
        "visible": [d for d in kernels if os.path.exists(d)],
        "network": [name for name, family in families.items() if works(lambda f: socket.socket(f).close(), family)],
        "unruled": [name for name, attempt in beyond_landlock.items() if works(attempt)],
        "descriptors": [fd for fd in range(1024) if works(os.fstat, fd)],
        "random": {name: str(draw()) for name, draw in generators.items()},
        "sibling": sibling(),
    }
