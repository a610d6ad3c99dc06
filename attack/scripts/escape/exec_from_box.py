# tries: to run a program that it wrote into its box, by itself, by the loader, and mapped
# expect: held EACCES|EPERM|LOADER_REFUSED
import glob
import mmap
import shutil
import subprocess


def main():
    shutil.copy("/usr/bin/true", "program")
    os.chmod("program", 0o755)
    with open("program", "rb") as file:
        result = refused({
            "execv": lambda: subprocess.run(["./program"]),
            "mmap": lambda: mmap.mmap(file.fileno(), 4096, mmap.MAP_PRIVATE, mmap.PROT_READ | mmap.PROT_EXEC),
        })
    for loader in glob.glob("/lib*/ld-linux*.so.*"):
        if subprocess.run([loader, "./program"], capture_output=True).returncode == 0:
            return f"ESCAPED: {loader} ran it"
    return result + " LOADER_REFUSED" if result.startswith("held") else result
