# tries: to exec with more arguments and a larger environment than fit, and to come back
# limits: wall_ms=30000
# expect: held E2BIG
import subprocess


def main():
    big = "x" * 100_000
    return refused({
        "many arguments": lambda: subprocess.run(["true", *[big] * 100]),
        "one long argument": lambda: subprocess.run(["true", big * 10]),
        "an environment": lambda: subprocess.run(["true"], env={f"N{n}": big for n in range(100)}),
        "empty arguments": lambda: subprocess.run(["true", *[""] * 2_000_000]),
        "of this process": lambda: os.execve("/usr/bin/true", ["true"] * 2_000_000, {}),
    })
