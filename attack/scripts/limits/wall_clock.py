# tries: to outlast the wall clock: asleep, and again after each exception
# expect: status timeout, limit wall, stdout "begun\n"
# limits: wall_ms=2000
def main():
    print("begun")
    while True:
        try:
            time.sleep(60)
        except BaseException:
            pass


# --- then
# expect: status timeout, limit wall
# limits: wall_ms=200 cpu_ms=60000
def main():
    while True:
        pass


# --- then
# expect: status timeout, limit wall
# limits: wall_ms=200
def main():
    r, w = os.pipe()
    return os.read(r, 1)


# --- then
# expect: status timeout, limit wall
# limits: wall_ms=200
LIBC.pause()


# --- then
# expect: status timeout, limit wall
# limits: wall_ms=200
async def main():
    import asyncio
    while True:
        try:
            await asyncio.sleep(60)
        except BaseException:
            pass
