"""The functions of the module, and what a client takes from the environment."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest
from server import Server

import hotcell
from hotcell import AsyncClient, Client


@pytest.fixture
def here(server: Server, monkeypatch: pytest.MonkeyPatch) -> Server:
    monkeypatch.setenv("HOTCELL_URL", server.url)
    return server


def test_the_module_runs_scripts_at_the_address_in_the_environment(here: Server) -> None:
    assert hotcell.run("def main(a): return a * 2", args=[21]) == 42
    assert hotcell.execute("def main(): 1 / 0").status == "exception"
    *_, answer = hotcell.stream("def main(): return 1")
    assert isinstance(answer, hotcell.Answer)
    assert answer.ok
    assert [run.verdict for run in hotcell.batch("print(input())", [{"stdin": "x"}], mode="program")] == ["accepted"]
    with hotcell.session() as session:
        session.execute("x = 20")
        assert session.run("x + 1") == 21
    assert "default" in hotcell.info()["profiles"]
    assert hotcell.capacity()["suggested_concurrency"] >= 1


def test_clients_take_the_address_from_the_environment_too(here: Server) -> None:
    async def run() -> object:
        async with AsyncClient() as client:
            return await client.run("def main(): return 1")

    with Client() as client:
        assert client.run("def main(): return 1") == asyncio.run(run()) == 1


def test_an_address_in_the_environment_must_be_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOTCELL_URL", "localhost")
    with pytest.raises(ValueError, match="invalid url 'localhost'"):
        hotcell.run("def main(): pass")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_forked_process_has_connections_of_its_own(here: Server) -> None:
    assert hotcell.run("def main(): return 1") == 1
    child = os.fork()
    if child == 0:
        try:
            os._exit(hotcell.run("def main(): return 7"))
        finally:
            os._exit(1)
    assert hotcell.run("def main(): return 2") == 2
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7


def test_local_files_keep_their_paths_below_the_current_directory(
    hotcell: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "here/data").mkdir(parents=True)
    for name in ("above.txt", "here/in.csv", "here/data/in.csv"):
        (tmp_path / name).write_text(name)
    monkeypatch.chdir(tmp_path / "here")
    script = """
from pathlib import Path
def main(): return {str(p): p.read_text() for p in sorted(Path().rglob("*.*"))}
"""
    files: list[str | Path] = ["in.csv", Path("./data/in.csv"), "../above.txt"]
    assert hotcell.run(script, files=files) == {
        "above.txt": "above.txt",
        "data/in.csv": "here/data/in.csv",
        "in.csv": "here/in.csv",
    }
    assert hotcell.run(script, files=[tmp_path / "here/data/in.csv"]) == {"in.csv": "here/data/in.csv"}
    with hotcell.session(files=["in.csv"]) as session:
        assert session.read_file("in.csv") == b"here/in.csv"
    runs = hotcell.batch("print(open('in.csv').read())", [{"files": ["in.csv"]}], mode="program")
    assert [run.answer and run.answer.stdout for run in runs] == ["here/in.csv\n"]


def test_local_files_that_cannot_be_meant_are_refused(hotcell: Client, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="have the same name in the jail"):
        hotcell.run("def main(): pass", files=[tmp_path / "a/in.csv", tmp_path / "b/in.csv"])
    with pytest.raises(TypeError, match=r"invalid files 'in\.csv': use a list"):
        hotcell.run("def main(): pass", files="in.csv")  # a str is an iterable of them
    with pytest.raises(FileNotFoundError):
        hotcell.run("def main(): pass", files=[tmp_path / "missing.csv"])
    for directory in (".", "..", tmp_path):
        with pytest.raises(IsADirectoryError):
            hotcell.run("def main(): pass", files=[directory])
