"""What a script shows, and how a notebook shows it again: nothing of the script's runs there."""

from __future__ import annotations

import base64
import html
import json
import re
from html.parser import HTMLParser

import pytest

from hotcell import Answer, Client, Output, Shown, UnexpectedAnswer
from hotcell._answer import read_answer
from hotcell._stream import Events
from hotcell._wire import read_as

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256))
SCRIPT = f"""
class Picture:
    def _repr_png_(self): return {PNG!r}
class Table:
    def _repr_html_(self): return '<table onload="alert(1)"><script>alert(2)</script>'
    def __repr__(self): return '<a table>'
def main():
    print('<b>printed</b>')
    display(Picture())
    display(Table())
    return '<result>'
"""


HTML = '<table onload="alert(1)"><script>alert(2)</script>'
OUTPUTS = [
    {
        "kind": "display",
        "data": {"image/png": base64.b64encode(PNG).decode(), "text/plain": "<a picture>"},
        "metadata": {},
    },
    {"kind": "display", "data": {"text/html": HTML, "text/plain": "<a table>"}, "metadata": {"isolated": True}},
]


@pytest.fixture
def answer(hotcell: Client) -> Answer:
    ran = hotcell.execute("def main():\n print('<b>printed</b>')\n return '<result>'").raise_for_status()
    assert ran.outputs == []  # nothing is shown unasked
    return read_answer({**ran.raw, "outputs": OUTPUTS})


def test_what_a_script_shows_comes_back_in_order(hotcell: Client) -> None:
    answer = hotcell.execute(SCRIPT, display=True).raise_for_status()
    picture, table = answer.outputs
    assert (picture.kind, picture.png, picture.html) == ("display", PNG, None)
    assert (table.text, table.png) == ("<a table>", None)
    assert table.html == '<table onload="alert(1)"><script>alert(2)</script>'
    assert isinstance(picture.text, str)


def test_a_stream_shows_what_the_answer_has(hotcell: Client) -> None:
    *events, answer = hotcell.stream(SCRIPT, display=True)
    assert isinstance(answer, Answer)
    assert [event for event in events if isinstance(event, Shown)] == answer.outputs
    assert "".join(event.text for event in events if isinstance(event, Output)) == "<b>printed</b>\n"


def test_what_a_script_showed_is_there_in_each_form(answer: Answer) -> None:
    picture, table = answer.outputs
    assert (picture.kind, picture.png, picture.html, picture.text) == ("display", PNG, None, "<a picture>")
    assert (table.text, table.png, table.html) == ("<a table>", None, HTML)
    assert table.metadata == {"isolated": True}


def test_a_stream_has_what_is_shown_as_it_comes(answer: Answer) -> None:
    lines = [("stdout", {"text": "a"}), ("output", OUTPUTS[0]), ("output", OUTPUTS[1]), ("result", answer.raw)]
    sent = b"".join(json.dumps({"event": event, "data": data}).encode() + b"\n" for event, data in lines)
    assert list(Events().feed(sent)) == [Output("stdout", "a"), *answer.outputs, answer]


@pytest.mark.parametrize("shown", [3, {}, {"kind": "display"}, {"kind": "display", "data": 3}])
def test_what_is_no_output_is_said_to_be_none(answer: Answer, shown: object) -> None:
    with pytest.raises(UnexpectedAnswer):
        read_as(read_answer, {**answer.raw, "outputs": [shown]})
    with pytest.raises(UnexpectedAnswer):
        list(Events().feed(json.dumps({"event": "output", "data": shown}).encode() + b"\n"))


class Elements(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def test_a_notebook_shows_an_answer_and_runs_nothing_of_it(answer: Answer) -> None:
    bundle = answer._repr_mimebundle_()
    assert bundle["image/png"] == answer._repr_png_() == PNG
    assert bundle["text/html"] == answer._repr_html_()
    elements = Elements(bundle["text/html"])
    assert [tag for tag, _ in elements.found] == ["pre", "img", "iframe", "pre"]
    assert elements.found[1][1]["src"] == f"data:image/png;base64,{base64.b64encode(PNG).decode()}"
    frame = elements.found[2][1]
    assert frame["sandbox"] == ""  # no right at all: no scripts, no forms, no origin
    assert str(frame["srcdoc"]).startswith('<meta http-equiv="Content-Security-Policy" content="default-src \'none\';')
    assert "&lt;b&gt;printed" in bundle["text/html"]
    assert html.escape(repr("<result>")) in bundle["text/html"]


@pytest.mark.parametrize(
    ("shown", "tags"),
    [
        ({"image/svg+xml": '<svg onload="alert(1)"/>'}, ["img"]),
        ({"image/png": '"><script>alert(1)</script>'}, ["img"]),
        ({"text/html": '"></iframe><script>alert(1)</script>'}, ["iframe"]),
        ({"text/plain": "</pre><script>alert(1)</script>"}, ["pre"]),
        ({"text/latex": "$x$", "</pre><script>": "y"}, ["pre"]),
        ({"text/html": {"no": "text"}, "text/plain": "x"}, ["pre"]),
    ],
)
def test_what_is_shown_cannot_leave_its_place(shown: dict[str, object], tags: list[str]) -> None:
    page = Shown("display", shown)._repr_html_()
    assert [tag for tag, _ in Elements(page).found] == tags


def test_an_error_is_shown_with_its_traceback(hotcell: Client) -> None:
    page = hotcell.execute("def main(): raise ValueError('<x>')")._repr_html_()
    assert "ValueError: &lt;x&gt;" in page
    assert re.search("status exception", page)
    assert "limit wall" in hotcell.execute("while True: pass", limits={"wall_ms": 200})._repr_html_()


@pytest.mark.parametrize("power", [1, 639, 640, 4300, 5000])
@pytest.mark.parametrize("sign", [1, -1])
def test_integers_keep_every_digit(hotcell: Client, power: int, sign: int) -> None:
    number = sign * (10**power + 7)
    script = f"def main(): return [{sign} * (10**{power} + 7)]"
    assert hotcell.run(script) == [number]
    [answer] = hotcell.stream(script)
    assert isinstance(answer, Answer)
    assert answer.result == [number]
    assert answer._repr_html_()


def test_integers_of_very_many_digits_are_decimals(hotcell: Client) -> None:
    number = hotcell.run("import sys\ndef main():\n sys.set_int_max_str_digits(0)\n return int('7' * 200_000)")
    assert str(number) == "7" * 200_000
