# tries: to leave its memory to the host's core dump handler, which runs outside, and as root, if there is one
# expect: held EPERM|ValueError|NONE
import resource
import subprocess


def main():
    try:
        resource.setrlimit(resource.RLIMIT_CORE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    except ValueError:
        return "held: ValueError"
    died = subprocess.run([sys.executable, "-Ic", "import ctypes; ctypes.string_at(0)"], capture_output=True).returncode
    dumped = [name for name in os.listdir(".") if "core" in name]
    return f"ESCAPED: {dumped} of a program that died of {-died}" if dumped else "held: NONE"
