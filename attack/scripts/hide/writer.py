# tries: to write into its answer, and over its output limit, after main has returned
# expect: result "done", status ok
# expect: status output_limit, limit output
# limits: wall_ms=10000 output_bytes=1000000
# within: 8000
import threading


def main():
    def write():
        while True:
            os.write(1, b"late" * 1000)
            time.sleep(0.001)

    for _ in range(4):
        threading.Thread(target=write).start()
    if os.fork() == 0:
        write()
    return "done"
