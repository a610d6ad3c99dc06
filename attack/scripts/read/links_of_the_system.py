# tries: to follow every symbolic link of the system's directories that leads out of them, to what the host has there
# expect: held
def main():
    dangling, odd = 0, []
    inside = ("/usr", "/lib", "/bin", "/sbin", "/etc/alternatives", "/etc/python3", "/etc/ld.so.cache", "/dev", "/box", "/env", "/hotcell", sys.prefix, os.path.realpath(sys.prefix), "/opt/hotcell")
    for top in ("/usr", "/etc", "/dev", "/"):
        for folder, folders, names in os.walk(top):
            if top == "/":
                folders.clear()
            for name in names + folders:
                path = os.path.join(folder, name)
                if os.path.islink(path):
                    target = os.path.realpath(path)
                    if not os.path.exists(target):
                        dangling += 1
                    elif not target.startswith(inside) and target != "/":
                        odd.append((path, target))
    return f"ESCAPED: {odd[:5]}" if odd else f"held: {dangling}"
