"""Landlock, a second wall behind a cell's mounts and namespaces: landlock(7).

The supervisor decides what is allowed and says so in START; without that nothing
here does anything. The rules for what all cells share go into a ruleset before the
fork, where memory is warm. The cell adds the one for its own disk. No ruleset
serves twice, since it is an open file that cells would share.
"""

import os
from typing import Any

from pyworker import linux

_policy: dict[str, Any] = {}
_rules: list[tuple[int, int]] = []  # a descriptor of the path, and the rights below it


def prepare(policy: dict[str, Any] | None) -> None:
    """Opens the paths of the rules, once in the zygote."""
    if policy:
        _policy.update(policy)
        _rules.extend((os.open(rule["path"], os.O_PATH | os.O_CLOEXEC), rule["rights"]) for rule in policy["rules"])


def make_ruleset() -> list[int]:
    """A descriptor of a ruleset for one cell, which the caller closes; none where the kernel has no Landlock."""
    if not _policy:
        return []
    ruleset = linux.landlock_create_ruleset(_policy["fs"], _policy["net"], _policy["scoped"])
    try:
        for path, rights in _rules:
            linux.landlock_add_path(ruleset, path, rights)
    except BaseException:
        os.close(ruleset)
        raise
    return [ruleset]


def restrict(ruleset: int, disk: str) -> None:
    """Restricts this process, and all that it will start, for good. Closes the ruleset."""
    path = os.open(disk, os.O_PATH | os.O_CLOEXEC)
    linux.landlock_add_path(ruleset, path, _policy["disk"])
    linux.landlock_restrict_self(ruleset, _policy["flags"])
    os.close(path)
    os.close(ruleset)
