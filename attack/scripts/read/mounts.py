# tries: to walk everything that it can see, and look for what belongs neither to Python nor to the system
# expect: held
# limits: wall_ms=20000
def main():
    tops = set(os.listdir("/"))
    wrong = tops & {"root", "home", "proc", "sys", "run", "var", "boot", "srv", "opt", "mnt", "media", "lost+found"}
    known = {"home": {"user"}, "mnt": {"data"}, "proc": {"cpuinfo", "meminfo", "self", "stat", "vmstat"}, "sys": {"fs"}}  # stand-ins: see stand_ins
    wrong = {top for top in wrong if set(os.listdir(f"/{top}")) - known.get(top, set()) and not os.path.realpath(sys.executable).startswith(f"/{top}") and not sys.prefix.startswith(f"/{top}")}
    if wrong:
        return f"ESCAPED: {sorted((top, os.listdir('/' + top)[:3]) for top in wrong)}"
    secrets = {"id_rsa", "id_ed25519", "authorized_keys", "known_hosts", ".bash_history", ".netrc", "docker.sock", ".dockercfg", "machine-id"}
    for folder, folders, names in os.walk("/"):
        for name in secrets & set(names + folders):
            return f"ESCAPED: {folder}/{name}"
    return "held: " + " ".join(sorted(tops))
