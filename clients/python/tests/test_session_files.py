"""Files of a session, in and out."""

from __future__ import annotations

from pathlib import Path

import pytest

from hotcell import Client, Refused, SessionFile

NAME = "out/ü é?#%25.bin"


def test_files_go_in_and_come_out(hotcell: Client, tmp_path: Path) -> None:
    large = bytes(range(256)) * 20_000  # several pieces
    (tmp_path / "large").write_bytes(large)
    with hotcell.session() as session:
        session.write_file("a.txt", "text ü")
        session.write_file("b.bin", b"\x00\xff")
        session.write_file(NAME, tmp_path / "large")
        assert session.run("open('a.txt').read()") == "text ü"
        assert session.run(f"len(open({NAME!r}, 'rb').read())") == len(large)
        session.run("open('made.txt', 'w').write('made')")
        assert sorted(session.list_files(), key=lambda file: file.path) == [
            SessionFile("a.txt", 7),
            SessionFile("b.bin", 2),
            SessionFile("made.txt", 4),
            SessionFile(NAME, len(large)),
        ]
        assert session.list_files("*.bin") == [SessionFile("b.bin", 2)]
        assert session.read_file("made.txt") == b"made"
        session.download_file(NAME, tmp_path / "back")
        assert (tmp_path / "back").read_bytes() == large
        session.remove_file("a.txt")
        with pytest.raises(Refused) as refused:
            session.read_file("a.txt")
        assert refused.value.code == "not_found"


@pytest.mark.parametrize("path", ["", "../info", "/etc/passwd", "a/../../b", "a//b", "."])
def test_a_path_cannot_lead_to_another_address(hotcell: Client, path: str) -> None:
    with hotcell.session() as session, pytest.raises(ValueError, match="not a path below a directory"):
        session.read_file(path)


def test_a_session_starts_with_files_a_mode_and_an_id(hotcell: Client) -> None:
    options = {"id": "chat-7.a_b", "files": {"f.txt": "here"}, "env": {"NAME": "value"}}
    with hotcell.session(**options) as session:  # type: ignore[arg-type]
        assert session.id == "chat-7.a_b"
        assert session.run("import os; open('f.txt').read() + os.environ['NAME']") == "herevalue"
        with pytest.raises(Refused) as refused, hotcell.session(id="chat-7.a_b"):
            pass
        assert refused.value.code == "session_exists"
        assert hotcell.attach("chat-7.a_b").id == session.id
