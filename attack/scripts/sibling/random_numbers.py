# tries: to draw the numbers that a sibling draws: they began as copies of one memory
# expect: status ok
import asyncio
import hashlib
import random
import secrets
import ssl
import tempfile
import threading
import uuid
import numpy
import pandas


def main():
    return [random.random(), random.Random().random(), random.SystemRandom().random(), random.getrandbits(128), random.sample(range(10**9), 3),
            os.urandom(16).hex(), secrets.token_hex(), str(uuid.uuid1()), str(uuid.uuid4()), hex(uuid.getnode()), ssl.RAND_bytes(16).hex(),
            float(numpy.random.random()), numpy.random.default_rng().bytes(8).hex(), float(numpy.random.RandomState().random_sample()),
            str(numpy.random.SeedSequence().entropy), pandas.Series(range(10**6)).sample(3).tolist(), tempfile.mktemp(), tempfile.mkdtemp()]


# --- beside
# expect: result differs
import asyncio
import hashlib
import random
import secrets
import ssl
import tempfile
import threading
import uuid
import numpy
import pandas


def main():
    return [random.random(), random.Random().random(), random.SystemRandom().random(), random.getrandbits(128), random.sample(range(10**9), 3),
            os.urandom(16).hex(), secrets.token_hex(), str(uuid.uuid1()), str(uuid.uuid4()), hex(uuid.getnode()), ssl.RAND_bytes(16).hex(),
            float(numpy.random.random()), numpy.random.default_rng().bytes(8).hex(), float(numpy.random.RandomState().random_sample()),
            str(numpy.random.SeedSequence().entropy), pandas.Series(range(10**6)).sample(3).tolist(), tempfile.mktemp(), tempfile.mkdtemp()]
