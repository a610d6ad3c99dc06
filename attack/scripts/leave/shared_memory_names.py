# tries: to leave memory by a name that another cell may open: POSIX shared memory, semaphores, temporary files
# expect: result "left"
from multiprocessing import resource_tracker, shared_memory
import tempfile


def main():
    block = shared_memory.SharedMemory(name="left", create=True, size=4096)
    resource_tracker.unregister(block._name, "shared_memory")
    for place in ("/dev/shm/sem.left", "/tmp/left", os.path.join(tempfile.gettempdir(), "left2")):
        with open(place, "w") as file:
            file.write("left")
    return "left"


# --- then
# expect: held ENOENT
from multiprocessing import shared_memory


def main():
    return refused({"memory": lambda: shared_memory.SharedMemory(name="left"), **{
        path: lambda path=path: os.stat(path) for path in ("/dev/shm/sem.left", "/dev/shm/left", "/tmp/left", "/tmp/left2")}})
