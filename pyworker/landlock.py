"""Landlock, a second layer behind a cell's mounts and namespaces: landlock(7).

The supervisor decides what is allowed and sends it in START; without it, nothing here
has an effect. The zygote adds the rules that all cells share to a ruleset before the
fork, where memory is warm. The cell adds the rule for its own disk. Each ruleset is
used once, because it is an open file that cells would otherwise share.
"""

import os
from typing import Any

from pyworker import calls, linux

_policy: dict[str, Any] = {}
_rules: list[tuple[int, int]] = []  # a descriptor of the path, and the access rights below it


def prepare(policy: dict[str, Any] | None) -> None:
    """Opens the paths of the rules, once in the zygote."""
    if policy:
        _policy.update(policy)
        _rules.extend((os.open(rule["path"], os.O_PATH | os.O_CLOEXEC), rule["rights"]) for rule in policy["rules"])


def is_used() -> bool:
    return bool(_policy)


def make_ruleset() -> list[int]:
    """Returns a descriptor of a ruleset for one cell, which the caller closes; none if the kernel has no Landlock."""
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


def add_ruleset(table: calls.Calls, fd: int) -> None:
    """Adds the calls that make a ruleset, which gets that descriptor."""
    attributes = linux.landlock_ruleset(_policy["fs"], _policy["net"], _policy["scoped"])
    table.add("landlock", "landlock_create_ruleset", attributes, len(attributes), 0, want=fd)
    for path, rights in _rules:
        rule = linux.landlock_path(path, rights)
        table.add("landlock", "landlock_add_rule", fd, linux.LANDLOCK_RULE_PATH_BENEATH, rule, 0)


def own_rule(disk: int) -> tuple[bytes, int]:
    """Returns a cell's rule for its own disk, whose descriptor that is, and the flags of landlock_restrict_self(2)."""
    return linux.landlock_path(disk, _policy["disk"]), _policy["flags"]
