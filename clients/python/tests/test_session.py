"""One jail for many calls."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta, timezone

import pytest
from server import Server, eventually

from hotcell import Answer, Client, Refused, ScriptError, Verdict


def test_names_and_files_stay(hotcell: Client) -> None:
    with hotcell.session(ttl=600, idle=60) as session:
        assert session.execute("x = 1").ok
        session.execute("open('kept.txt', 'w').write('kept')")
        assert session.run("x + 1") == 2
        assert session.execute("open('kept.txt').read()", collect=["*.txt"]).files == {"kept.txt": b"kept"}
        *_, answer = session.stream("print('streamed'); x + 2")
        assert isinstance(answer, Answer)
        assert (answer.result, answer.stdout) == (3, "streamed\n")
        with pytest.raises(ScriptError):
            session.run("1 / 0")
        state = session.state()
        assert (state.id, state.profile, state.calls, state.busy, state.idle_s) == (session.id, "default", 6, False, 60)
        assert state.expires_at == session.expires_at
        left = session.expires_at - datetime.now(timezone.utc)
        assert timedelta(seconds=500) < left < timedelta(seconds=601)


def test_a_session_lives_for_longer(hotcell: Client) -> None:
    with hotcell.session(ttl=30) as session:
        before = session.expires_at
        state = session.prolong(600)
        assert state.expires_at == session.expires_at > before + timedelta(seconds=500)


def test_leaving_the_block_ends_the_session(hotcell: Client) -> None:
    with hotcell.session() as session:
        session.execute("x = 1")
    with pytest.raises(Refused) as raised:
        session.execute("x")
    assert (raised.value.code, raised.value.status) == ("not_found", 404)
    session.close()  # a second time, which has no effect


def test_a_session_whose_jail_ended_says_how(hotcell: Client) -> None:
    with hotcell.session() as session:
        assert session.execute("import os; os._exit(3)").status == "exited"
        with pytest.raises(Refused) as raised:
            session.execute("1")
    assert raised.value.code == "gone"
    assert raised.value.verdict == Verdict("exited", exit_code=3)


def test_a_session_has_limits_of_its_own(hotcell: Client) -> None:
    with hotcell.session(limits={"wall_ms": 300, "processes": 4}) as session:
        assert session.state().limits["processes"] == 4
        assert session.execute("while True: pass").limit == "wall"
    with pytest.raises(Refused) as raised, hotcell.session(ttl=10**9):
        pass
    assert raised.value.errors[0].pointer == "/ttl_s"


def test_a_call_during_another_is_refused_at_once(hotcell: Client, server: Server) -> None:
    with hotcell.session(limits={"wall_ms": 60_000}) as session:

        def occupy() -> None:
            with Client(server.url) as other, pytest.raises(Refused) as ended:
                other.attach(session.id).execute("import time; time.sleep(50)")
            assert ended.value.code == "gone"

        thread = threading.Thread(target=occupy)
        thread.start()
        eventually(lambda: session.state().busy)
        with pytest.raises(Refused) as raised:
            session.execute("1")
        assert (raised.value.code, raised.value.status, raised.value.retry_after) == ("busy", 409, None)
        session.close()  # this ends the call
        thread.join()


def test_a_caller_may_wait_in_line(hotcell: Client, server: Server) -> None:
    with hotcell.session(limits={"wall_ms": 60_000}) as session, Client(server.url) as other:
        session.execute("x = 1\nimport time")
        theirs = other.attach(session.id).queue(60)
        thread = threading.Thread(target=theirs.execute, args=("time.sleep(50)",))
        thread.start()
        eventually(lambda: session.state().busy)
        threading.Timer(0.2, lambda: eventually(theirs.interrupt)).start()
        assert session.queue(60).run("x") == 1
        session.queue(60).write_file("a", "b")
        thread.join()


def test_a_call_is_interrupted_and_the_session_lives(hotcell: Client, server: Server) -> None:
    with hotcell.session(limits={"wall_ms": 60_000}) as session:
        assert session.interrupt() is False
        session.execute("x = 1")
        found: list[Answer] = []

        def wait() -> None:
            with Client(server.url) as other:
                found.append(other.attach(session.id).execute("import time; time.sleep(50)"))

        thread = threading.Thread(target=wait)
        thread.start()
        eventually(lambda: session.interrupt() is True)
        thread.join()
        assert found[0].error is not None
        assert found[0].error.type == "KeyboardInterrupt"
        assert session.run("x") == 1


def test_a_session_can_be_attached_to(hotcell: Client, server: Server) -> None:
    with Client(server.url) as other, other.session() as session:
        session.execute("x = 'from elsewhere'")
        assert hotcell.attach(session.id).run("x") == "from elsewhere"
    with pytest.raises(Refused) as raised:
        hotcell.attach(session.id)
    assert raised.value.code == "not_found"
    with pytest.raises(ValueError, match="not a session id"):
        hotcell.attach("../info")
