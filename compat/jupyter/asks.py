"""What a kernel says about its names. hotcell's package jupyter sends this along with each question."""

from typing import Any


def complete(code: str, cursor: int, _: int) -> dict[str, Any]:
    from IPython import get_ipython
    from IPython.core.completer import provisionalcompleter, rectify_completions

    shell = get_ipython()
    shell.set_completer_frame()
    shell.Completer.use_jedi = False  # it takes half a second and 30 MiB
    with provisionalcompleter():
        found = list(rectify_completions(code, shell.Completer.completions(code, cursor)))[:1000]
    start, end = (found[0].start, found[0].end) if found else (cursor, cursor)
    kinds = [{"text": one.text, "start": one.start, "end": one.end, "type": one.type} for one in found]
    return {
        "status": "ok",
        "matches": [one.text for one in found],
        "cursor_start": start,
        "cursor_end": end,
        "metadata": {"_jupyter_types_experimental": kinds},
    }


def inspect(code: str, cursor: int, detail: int) -> dict[str, Any]:
    from IPython import get_ipython
    from IPython.utils.tokenutil import token_at_cursor

    name = token_at_cursor(code, cursor)
    try:
        data = get_ipython().object_inspect_mime(name, detail_level=detail)
    except KeyError:
        data = {}
    return {"status": "ok", "found": bool(data), "data": data, "metadata": {}}
