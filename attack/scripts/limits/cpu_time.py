# tries: to spend more CPU time than it was given, by children that end before they are looked at, and by threads
# cgroup: processor time is measured by the cgroup
# expect: status timeout, limit cpu
# limits: cpu_ms=150 wall_ms=10000
# within: 8000
def main():
    while True:
        if os.fork() == 0:
            end = time.process_time() + 0.004
            while time.process_time() < end:
                pass
            os._exit(0)
        os.wait()


# --- then
# expect: status timeout, limit cpu
# limits: cpu_ms=150 wall_ms=10000
# within: 8000
import hashlib
import threading


def main():
    for _ in range(4):
        threading.Thread(target=hashlib.pbkdf2_hmac, args=("sha256", b"", b"", 10**9)).start()
    time.sleep(60)


# --- then
# expect: status timeout, limit cpu
# limits: cpu_ms=150 wall_ms=10000
# within: 8000
def main():
    block = bytearray(1 << 22)
    with open("/dev/zero", "rb", buffering=0) as zero:
        while True:  # the time is the kernel's
            zero.readinto(block)
