"""Runs one script and determines how it ended.

Functions that are called after the script ran are bound before, so that a script that
replaces a builtin or a module's function still gets its true verdict.
"""

import ast
import asyncio
import builtins
import itertools
import json
import re
import sys
import types
from typing import Any, TypeGuard

from pyworker import errors, frames, hooks, module, outputs, program, results

__builtins__ = dict(vars(builtins))  # type: ignore[assignment]

_PARTS = ("script", "args", "kwargs", "stdin")  # the parts of a RUN, in this order
_LARGE = 64 << 10

_allow_long_integers = sys.set_int_max_str_digits
_default_digits = sys.get_int_max_str_digits()
_run_coroutine = asyncio.run
_block, _calm, _hush = hooks.block, hooks.calm, hooks.hush
_describe, _error, _remember = errors.describe, errors.error, module.remember
_run_program, _exit_status = program.judge, program.exit_status
_has_main = re.compile(r"\bmain\b").search

# Nodes whose fields do not all run whenever the node does, with those that do; and nodes with lists of which only the
# first element is sure to run.
_SURE: dict[type[ast.AST], tuple[str, ...]] = {
    ast.If: ("test",),
    ast.IfExp: ("test",),
    ast.While: ("test",),
    ast.Assert: ("test",),
    ast.For: ("iter",),
    ast.comprehension: ("iter",),
    ast.Match: ("subject",),
    ast.Try: ("body", "finalbody"),
    ast.TryStar: ("body", "finalbody"),
    **dict.fromkeys((ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp), ("generators",)),
}
_FIRST = (ast.BoolOp, ast.Compare, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


class Exit(BaseException):
    """The script ended itself with this exit status."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


def parse(payload: frames.Octets) -> dict[str, Any]:
    """Parses the payload of a RUN. Integers in its arguments keep every digit."""
    end = payload.index(b"\n") + 1
    request: dict[str, Any] = json.loads(payload[:end])
    sizes = [request.pop(f"{name}_bytes", 0) for name in _PARTS]
    ends = list(itertools.accumulate(sizes, initial=end))
    whole = memoryview(payload)
    parts = {name: whole[ends[i] : ends[i + 1]] for i, name in enumerate(_PARTS)}
    request["script"] = str(parts["script"], "utf-8").removeprefix("\ufeff")
    request["stdin"] = parts["stdin"]
    _allow_long_integers(0)
    for i, name in enumerate(("args", "kwargs"), 1):
        if not sizes[i]:
            continue
        if sizes[i] > _LARGE and _is_one_text(payload, ends[i], ends[i + 1]):
            request[name] = [str(parts[name][2:-2], "utf-8")]
        else:
            request[name] = json.loads(str(parts[name], "utf-8"))
    _allow_long_integers(_default_digits)
    return request


def _is_one_text(payload: frames.Octets, begin: int, end: int) -> bool:
    """Reports whether valid JSON is an array of one string without escapes.

    json.loads takes 20 times as long for it as str.
    """
    return (
        payload.startswith(b'["', begin)
        and payload.find(b'"', begin + 2, end) == end - 2
        and payload.find(b"\\", begin, end) < 0
    )


def head(status: str, error: dict[str, Any] | None, limit: str = "result", code: int | None = None) -> bytes:
    """Returns the header of a RESULT; limit applies to output_limit, and code to exited."""
    said: dict[str, Any] = {"status": status, "error": error}
    if status == "output_limit":
        said["limit"] = limit
    if status == "exited":
        said["exit_code"] = code
    return results.encode_plain(said) + b"\n"


def forget() -> None:
    """Removes what a rehearsal leaves behind."""
    module.forget()
    hooks.wake()
    _allow_long_integers(_default_digits)


def judge(request: dict[str, Any]) -> tuple[str, dict[str, Any] | None, frames.Octets]:
    """Runs the script. Returns status, error, and the result as JSON. Raises Exit if the script exits."""
    if request.get("mode") == "program":
        code, failure = _run_program(request)
        if failure:
            return "exception", failure, b"null"
        if code:
            raise Exit(code)
        return "ok", None, b"null"
    if request.get("mode") == "cell":
        from pyworker import notebook  # which needs this module

        return notebook.judge(request)
    return _judge_function(request)


def _judge_function(request: dict[str, Any]) -> tuple[str, dict[str, Any] | None, frames.Octets]:
    source, call = request["script"], request.get("call", 0)
    needs_main = not call and not request.get("last_expression")
    file = module.file_of(call)
    last, name, calls_main = None, module.NAME, True
    try:
        if needs_main:
            code = compile(source, file, "exec", dont_inherit=True)
        else:
            code, last, name, calls_main = _split(source, file)
    except (SyntaxError, ValueError, OverflowError, RecursionError, MemoryError) as refused:
        _remember(source, file)
        return "syntax_error", _describe(refused, file), b"null"
    if call > 1:
        hooks.wake()
    if call == 1:
        hooks.leave_interrupts()
    if call:
        _remember(source, file)
    names = module.begin(name, source, call)
    try:
        before = names.get("main")
        exec(code, names)
        if last:
            outcome = eval(last, names)
        elif calls_main and callable(main := names.get("main")) and main is not before:
            outcome = main(*request.get("args", ()), **request.get("kwargs", {}))
        elif needs_main:
            _calm()
            return "no_main", None, b"null"
        else:
            outcome = None
        if isinstance(outcome, types.CoroutineType):
            outcome = _run_coroutine(outcome)
        if last and outcome is not None and outputs.shows():
            outputs.result(outcome)
        _calm()
        try:
            return "ok", None, results.encode(outcome, request["result_bytes"], drain=last is None or not call)
        except results.NotJSON:
            if last is None:
                raise
            if not outputs.shows():
                outputs.result(outcome)
            return "ok", None, b"null"
    except SystemExit as wish:
        _calm()
        raise Exit(_exit_status(wish)) from None
    except results.TooLarge:
        return "output_limit", None, b"null"
    except results.NotJSON as refused:
        return "not_json", _error(refused.type_name, str(refused), "", None), b"null"
    except BaseException as raised:
        try:  # see hooks.hush
            _block()
            _hush()
        except BaseException:
            try:
                _hush()
            except BaseException:
                try:  # noqa: SIM105
                    _hush()
                except BaseException:
                    pass
        _remember(source, file)
        return "exception", _describe(raised, file), b"null"


def _split(source: str, file: str) -> tuple[Any, Any, str, bool]:
    """Compiles a script and, separately, its last expression, which is its result.

    Also returns the script's __name__, and whether its main is still to be called.
    """
    tree = ast.parse(source, file)
    last = None
    if tree.body and isinstance(end := tree.body[-1], ast.Expr):
        tree.body.pop()
        last = compile(ast.Expression(end.value), file, "eval", dont_inherit=True)
    name, calls_main = _uses(tree) if _has_main(source) else (module.MAIN, True)
    return compile(tree, file, "exec", dont_inherit=True), last, name, calls_main


def _uses(tree: ast.Module) -> tuple[str, bool]:
    """Returns a script's __name__, and whether hotcell calls its main.

    A script that binds main (defines it, imports it, assigns it) leaves it to hotcell, unless it is sure to call it,
    too: then it is a program, as one that binds it behind a guard only. What functions and classes contain does not
    count, nor calls that depend on a condition or a loop, unless they are behind the guard of a program.
    """
    binds: set[bool | None] = set()  # True: in programs only (a guard), False: only if it is no program (its else)
    calls: set[bool | None] = set()
    todo: list[tuple[ast.AST, bool | None, bool]] = [(tree, None, True)]
    while todo:
        node, guarded, sure = todo.pop()
        if _binds_main(node):
            binds.add(guarded)
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)):
            continue
        if isinstance(node, ast.If) and (guards := _guards(node.test)) is not None:
            todo += [(each, guards, sure) for each in node.body]
            todo += [(each, not guards, sure) for each in node.orelse]
            continue
        if (sure or guarded) and isinstance(node, ast.Call) and _is_main(node.func):
            calls.add(guarded)
        for field in node._fields:
            value, runs = getattr(node, field, None), sure and field in _SURE.get(type(node), node._fields)
            for each in value if isinstance(value, list) else (value,):
                if isinstance(each, ast.AST):
                    todo.append((each, guarded, runs))
                    runs = runs and not isinstance(node, _FIRST)
    is_program = None in calls or not binds - {True}
    return module.MAIN if is_program else module.NAME, not calls & {None, is_program}


def _binds_main(node: ast.AST) -> bool:
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return node.name == "main"
    if isinstance(node, ast.alias):
        return (node.asname or node.name.partition(".")[0]) == "main"
    return _is_main(node) and isinstance(node.ctx, ast.Store)


def _is_main(node: ast.AST) -> TypeGuard[ast.Name]:
    return isinstance(node, ast.Name) and node.id == "main"


def _guards(test: ast.expr) -> bool | None:
    """Returns whether the test of an if passes in programs (True) or elsewhere (False). None: it is no such guard."""
    match test:
        case ast.Compare(ast.Name("__name__"), [ast.Eq() | ast.NotEq() as compares], [ast.Constant("__main__")]):
            return isinstance(compares, ast.Eq)
    return None
