# tries: to run code of its own by a file, in every place that it may write: mounts without exec, memory files, libraries by the linker
# expect: held
import shutil
import subprocess


def main():
    words = set()
    for place in ("/tmp", "/box/work", "/box", "/dev/shm"):
        try:
            shutil.copy("/usr/bin/id", f"{place}/id")
            os.chmod(f"{place}/id", 0o4755)
            run = subprocess.run([f"{place}/id", "-u"], capture_output=True, text=True)
            return f"ESCAPED: it ran in {place}: {run.stdout}"
        except OSError as e:
            words.add(name_of(e.errno))
        try:
            ctypes.CDLL(f"{place}/id")
        except OSError as e:
            words.add("LINKER" if "map" in str(e) or "ELF" in str(e) or "permit" in str(e) or "dynamically" in str(e) else str(e)[-20:].split()[-1])
    return "held: " + " ".join(sorted(words))
