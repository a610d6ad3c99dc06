# tries: keyrings, which only the user namespace separates: to read its own, add a key, request one
# expect: held EPERM|ENOSYS
KEYCTL_GET_KEYRING_ID, KEYCTL_JOIN_SESSION_KEYRING, KEYCTL_DESCRIBE = 0, 1, 6


def main():
    attempts = {f"keyring {ring}": ["keyctl", KEYCTL_GET_KEYRING_ID, ring, 1, 0, 0] for ring in (-1, -2, -3, -4, -5)}
    attempts |= {
        "join a session": ["keyctl", KEYCTL_JOIN_SESSION_KEYRING, 0, 0, 0, 0],
        "describe": ["keyctl", KEYCTL_DESCRIBE, -3, 0, 0, 0],
        "add": ["add_key", b"user", b"attack", b"x", 1, -4],
        "request": ["request_key", b"user", b"attack", None, -4],
    }
    return refused(attempts)
