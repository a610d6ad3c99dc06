# tries: to hold up an async main's end: tasks that resist being cancelled, a policy of its own
# expect: status timeout, limit wall, result null
# expect: status ok, result "done"
# limits: wall_ms=800
import asyncio


async def stubborn():
    while True:
        try:
            await asyncio.sleep(60)
        except BaseException:
            pass


async def main():
    asyncio.set_event_loop_policy(None)
    asyncio.get_running_loop().set_exception_handler(lambda *a: os._exit(9))
    tasks.append(asyncio.create_task(stubborn()))
    await asyncio.sleep(0)
    return "done"


tasks = []
