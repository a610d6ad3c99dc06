"""Files sent to a jail, collected from it, and saved on the caller's disk."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from hotcell import Answer, Client, FileContent, Refused, UnsafePath

NOT_TEXT = bytes(range(256))


def test_files_go_in_and_come_out(hotcell: Client, tmp_path: Path) -> None:
    source = tmp_path / "table.csv"
    source.write_bytes(b"a;b\r\n")
    script = """
import pathlib, shutil
def main():
    shutil.copytree("in", "out/in")
    pathlib.Path("not-asked-for").touch()
    return sorted(str(p) for p in pathlib.Path("in").rglob("*.*"))
"""
    files: dict[str, FileContent] = {
        "in/text.txt": "grüß\n",
        "in/deep/er/bytes.bin": NOT_TEXT,
        "in/table.csv": source,
        "in/none.txt": b"",
    }
    answer = hotcell.execute(script, files=files, collect=["out/**"])
    assert answer.result == ["in/deep/er/bytes.bin", "in/none.txt", "in/table.csv", "in/text.txt"]
    assert answer.files == {
        "out/in/text.txt": "grüß\n".encode(),
        "out/in/deep/er/bytes.bin": NOT_TEXT,
        "out/in/table.csv": b"a;b\r\n",
        "out/in/none.txt": b"",
    }
    assert answer.raw["files"][0]["size"] == 256

    saved = answer.save_files(tmp_path / "saved")
    assert sorted(saved) == sorted(tmp_path / "saved" / path for path in answer.files)
    assert (tmp_path / "saved/out/in/deep/er/bytes.bin").read_bytes() == NOT_TEXT


def test_a_path_that_is_not_allowed_is_named(hotcell: Client) -> None:
    with pytest.raises(Refused) as raised:
        hotcell.execute("def main(): pass", files={"fine.txt": "", "../escape": ""})
    assert raised.value.code == "invalid_request"
    assert raised.value.errors[0].pointer == "/files/1/path"


@pytest.fixture
def answer(hotcell: Client) -> Answer:
    return hotcell.execute("def main(): open('a.txt', 'w').write('new')", collect=["*"])


# The server refuses all of these; something else that answers in its place may
# not.
@pytest.mark.parametrize(
    "path", ["../a", "b/../../a", "/etc/a", "", ".", "..", "b//a", "b/", "a\\b", "..\\a", "a\0b", "./a"]
)
def test_no_path_leads_out_of_the_directory(answer: Answer, tmp_path: Path, path: str) -> None:
    forged = replace(answer, files={"a.txt": b"new", path: b"bad"})
    with pytest.raises(UnsafePath):
        forged.save_files(tmp_path / "below" / "it")
    assert list(tmp_path.iterdir()) == []


def test_no_symbolic_link_leads_out_of_the_directory(answer: Answer, tmp_path: Path) -> None:
    outside, inside = tmp_path / "outside", tmp_path / "inside"
    outside.mkdir()
    inside.mkdir()
    (inside / "a.txt").symlink_to(outside / "a.txt")
    (inside / "link").symlink_to(outside)
    for files in ({"a.txt": b"bad"}, {"link/a.txt": b"bad"}):
        with pytest.raises(UnsafePath):
            replace(answer, files=files).save_files(inside)
    assert list(outside.iterdir()) == []


def test_saving_writes_over_what_is_there(answer: Answer, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("old and longer")
    assert answer.save_files(str(tmp_path)) == [tmp_path / "a.txt"]
    assert (tmp_path / "a.txt").read_text() == "new"
