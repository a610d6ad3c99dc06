# tries: to read what a host has in its usual places: accounts, keys, homes, logs, sockets of its services
# expect: held ENOENT|EACCES|ENOTDIR
def main():
    paths = ("/etc/shadow", "/etc/hostname", "/etc/hosts", "/etc/machine-id", "/etc/resolv.conf", "/etc/ssh/ssh_host_ed25519_key",
             "/etc/ssl/private", "/root", "/root/.ssh/id_ed25519", "/root/.bash_history", "/home/ubuntu", "/home/admin", "/var/log", "/var/lib", "/var/run/docker.sock",
             "/run", "/run/hotcell", "/run/containerd/containerd.sock", "/run/secrets", "/var/run/secrets/kubernetes.io/serviceaccount/token",
             "/opt", "/srv", "/mnt/c", "/media", "/boot", "/lost+found", "/.dockerenv", "/.old", "/old_root", "/host")
    return refused({path: lambda path=path: os.open(path, os.O_RDONLY) for path in paths})
