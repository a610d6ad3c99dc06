"""How tools/docs_run.py ends the processes of a page."""

from __future__ import annotations

import subprocess
import time

from docs_run import end_group


def test_a_group_has_ended_as_soon_as_its_leader_has() -> None:
    with subprocess.Popen(["sleep", "600"], start_new_session=True) as leader:
        begun = time.monotonic()
        end_group(leader.pid, leader, patience=60)
        assert time.monotonic() - begun < 60, "it took the zombie of the leader for a process"
        assert leader.returncode is not None
