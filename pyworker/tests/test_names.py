"""Names of collected files, which the supervisor's tests read, too."""

import json
import os
from pathlib import Path

import pytest

from pyworker import files, names

TABLE = json.loads((Path(__file__).parents[2] / "protocol/testdata/names.json").read_text())


@pytest.mark.parametrize("row", TABLE, ids=lambda row: repr(row["name"]))
def test_what_means_something_else_elsewhere_is_escaped(row: dict[str, str]) -> None:
    assert names.portable(row["name"]) == row["sent"]
    assert names.Names().path(f"a/{row['name']}/b") == f"a/{row['sent']}/b"


def test_bytes_that_are_no_utf8_are_escaped() -> None:
    assert names.portable(os.fsdecode(b"bad\xff\xed\xa0\x80")) == "bad%FF%ED%A0%80"


@pytest.mark.parametrize(
    ("paths", "sent"),
    [
        (["A.txt", "a.TXT"], ["A.txt", "%61.TXT"]),
        (["A.txt", "a.TXT", "%61.TXT"], ["A.txt", "%61.TXT", "%2561.TXT"]),
        (["caf\u00e9.txt", "cafe\u0301.txt"], ["caf\u00e9.txt", "%63afe\u0301.txt"]),
        (["stra\u00dfe", "STRASSE"], ["stra\u00dfe", "%53TRASSE"]),
        (["A/x", "a/x", "a/y", "A/y"], ["A/x", "%61/x", "%61/y", "A/y"]),
        (["A/x", "a"], ["A/x", "%61"]),
        (["a:b", "a%3Ab"], ["a%3Ab", "%61%3Ab"]),
        (["d/a", "e/A"], ["d/a", "e/A"]),
    ],
)
def test_no_two_files_have_names_that_are_one_elsewhere(paths: list[str], sent: list[str]) -> None:
    given = names.Names()
    assert [given.path(path) for path in paths] == sent
    assert [given.path(path) for path in paths] == sent


def test_a_name_that_becomes_too_long_is_a_limit(tmp_path: Path) -> None:
    deep = tmp_path
    for _ in range(18):
        deep = deep / ("\xfc" * 80 + ":" * 30)
        os.mkdir(deep)
    (deep / "f").write_text("x")
    asked = {"patterns": ["**"], "max_files": 10, "max_bytes": 10, "max_depth": 64}
    with pytest.raises(files.OverLimit, match="file name too long"):
        list(files.collect(asked, str(tmp_path)))


def test_a_name_that_no_file_system_takes_is_a_limit() -> None:
    assert names.Names().path(":" * 85) == "%3A" * 85
    with pytest.raises(names.TooLong):
        names.Names().path(":" * 86)
