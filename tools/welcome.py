"""Says, once a server answers, what it is and how to try it: for make run.

    tools/welcome.py PID URL

It waits for the server with that process id, and ends with it.
"""

import json
import os
import sys
import time
import urllib.error
import urllib.request

_open = urllib.request.build_opener(urllib.request.ProxyHandler({})).open  # it is this machine


def answer(address: str) -> bytes | None:
    """What the server answers: nothing if it wants a key, and None as long as it does not answer."""
    try:
        with _open(address, timeout=2) as response:
            body: bytes = response.read()
            return body
    except urllib.error.HTTPError as refusal:
        return b"" if refusal.code == 401 else None
    except OSError:
        return None


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


def describe(url: str, info: dict[str, object]) -> str:
    profiles = info["profiles"]
    assert isinstance(profiles, dict)
    lines = [f"hotcell answers at {url}"]
    for name, profile in profiles.items():
        held = [layer for layer, holds in profile["isolation"].items() if holds]
        missing = [layer for layer, holds in profile["isolation"].items() if not holds]
        warm = ", ".join(profile["preload"]) or "no library"
        lines.append(f"  profile {name}: Python {profile['python']} with {warm} imported")
        allowed = f"; MISSING, as allowed: {', '.join(missing)}" if missing else ""
        lines.append(f"  isolation: {len(held)} layers hold{allowed}")
    uids = {"range": "each cell has its own", "single": "all cells have that of this user"}
    lines.append(f"  uids: {uids.get(str(info['uids']), info['uids'])}")
    body = json.dumps({"script": "def main(): return 6 * 7"})
    lines += ["Try it:", f"  curl {url}/execute -H 'Content-Type: application/json' -d '{body}'", "Ctrl-C stops it."]
    return "\n".join(lines)


def main() -> None:
    pid, url = int(sys.argv[1]), sys.argv[2]
    while alive(pid):
        text = answer(url + "/info") if answer(url + "/readyz") is not None else None
        if text is not None:
            said = describe(url, json.loads(text)) if text else f"hotcell answers at {url}, to those who have a key"
            print(f"\n{said}\n", file=sys.stderr, flush=True)
            return
        time.sleep(0.2)


if __name__ == "__main__":
    main()
