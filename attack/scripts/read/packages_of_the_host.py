# tries: to learn which packages the host has, in which versions, and what it runs, by the databases of its package managers
# expect: held ENOENT|EACCES|ENOTDIR
def main():
    return refused({path: lambda path=path: os.stat(path) for path in (
        "/var/lib/dpkg/status", "/var/lib/rpm", "/var/lib/apt", "/etc/apt", "/etc/os-release", "/etc/debian_version", "/etc/systemd", "/etc/cron.d",
        "/etc/init.d", "/etc/machine-id", "/etc/hostname", "/etc/hosts", "/etc/resolv.conf", "/etc/fstab", "/etc/environment", "/etc/ssl/private",
        "/etc/profile.d", "/boot", "/vmlinuz", "/var/log", "/var/cache", "/var/spool")})
