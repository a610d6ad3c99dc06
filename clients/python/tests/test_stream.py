"""Streams: output as the script writes it."""

from __future__ import annotations

import time
from contextlib import closing

import pytest
from server import Server, eventually

from hotcell import Answer, Client, Output, Refused, RunError


def test_output_comes_while_the_script_runs(hotcell: Client, server: Server) -> None:
    script = "import sys\ndef main(): print('first'); print('second', file=sys.stderr); return 3"
    *outputs, answer = hotcell.stream(script)
    assert isinstance(answer, Answer)
    assert (answer.result, answer.stdout, answer.stderr) == (3, "first\n", "second\n")
    for stream in ("stdout", "stderr"):
        texts = [event.text for event in outputs if isinstance(event, Output) and event.stream == stream]
        assert "".join(texts) == getattr(answer, stream)

    # The test would never end if the output came only at the end.
    events = hotcell.stream("import time\ndef main(): print('now', end=''); time.sleep(50)", limits={"wall_ms": 60_000})
    assert next(events) == Output("stdout", "now")
    assert server.running() == 1
    events.close()


def test_a_stream_that_is_closed_early_kills_its_script(hotcell: Client, server: Server) -> None:
    script = "import time\ndef main():\n    print('begun')\n    time.sleep(50)"
    with closing(hotcell.stream(script, limits={"wall_ms": 60_000})) as events:
        for _ in events:
            break
        assert server.running() == 1
    eventually(lambda: server.running() == 0)
    assert hotcell.run("def main(): return 'on we go'") == "on we go"


def test_a_slow_reader_makes_the_script_wait(hotcell: Client) -> None:
    pieces, pause_s = 12, 1.5
    script = f"def main():\n    for _ in range({pieces}): print('x' * 2**20, end='')"
    events = hotcell.stream(script, limits={"output_bytes": 16 << 20})
    next(events)
    time.sleep(pause_s)
    *_, answer = events
    assert isinstance(answer, Answer)
    assert len(answer.stdout) == pieces << 20
    assert answer.usage.wall_ms > pause_s * 1000 * 0.8  # a script that does not wait takes a few milliseconds


def test_a_text_with_line_separators_stays_whole(hotcell: Client) -> None:
    odd = "a\x85b\u2028c\u2029d\x0be\x0cf\x1cg\rh\ni"
    *outputs, answer = hotcell.stream(f"import os\ndef main(): os.write(1, {odd!r}.encode()); return {odd!r}")
    assert isinstance(answer, Answer)
    assert (
        "".join(event.text for event in outputs if isinstance(event, Output)) == answer.stdout == answer.result == odd
    )


def test_a_stream_ends_with_its_verdict(hotcell: Client) -> None:
    *_, answer = hotcell.stream("def main():\n    print('before')\n    1 / 0", args=[])
    assert isinstance(answer, Answer)
    assert answer.status == "exception"
    with pytest.raises(RunError):
        answer.raise_for_status()


def test_a_refusal_before_the_first_event_is_raised(hotcell: Client) -> None:
    with pytest.raises(Refused) as raised:
        next(hotcell.stream("def main(:"))
    assert raised.value.code == "syntax_error"


def test_a_refusal_after_the_first_event_is_raised(hotcell: Client) -> None:
    events = hotcell.stream("print('no main here', end='')")
    assert next(events) == Output("stdout", "no main here")
    with pytest.raises(Refused) as raised:
        list(events)
    assert (raised.value.code, raised.value.stdout) == ("no_main", "no main here")
