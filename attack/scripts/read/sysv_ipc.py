# tries: shared memory, semaphores and message queues of others: list them, attach to them, make one
# expect: held EPERM|ENOSYS
def main():
    buffer = ctypes.create_string_buffer(256)
    attempts = {f"segment {n}": ["shmat", n, None, 0] for n in (0, 1, 2, 32768)}
    attempts |= {
        "what segments there are": ["shmctl", 0, 14, ctypes.byref(buffer)],
        "a segment of the host's": ["shmctl", 0, 15, ctypes.byref(buffer)],
        "a private segment": ["shmget", 0, 4096, 0o1600],
        "semaphores": ["semget", 0, 1, 0o1600],
        "a queue": ["msgget", 0, 0o1600],
        "a message": ["msgrcv", 0, ctypes.byref(buffer), 128, 0, 0o4000],
        "a POSIX queue": ["mq_open", b"attack", os.O_CREAT | os.O_RDWR, 0o600, None],
    }
    return refused(attempts)
