# tries: output that arrives late: C's buffers, a child's, a stream that nobody flushed
# expect: status ok, result "all", stdout contains "from C", stdout contains "from a child", stdout contains "unflushed"
import subprocess


def main():
    LIBC.printf(b"from C")
    subprocess.run([sys.executable, "-Ic", "print('from a child')"])
    sys.stdout.reconfigure(write_through=False)
    sys.stdout.write("unflushed")
    return "all"
