"""IPython's shell as a cell has it: it shows by outputs.py, and keeps nothing on disk."""

import atexit
import builtins
import sys
import types
import warnings
from typing import Any

from IPython.core import displayhook, displaypub, interactiveshell
from IPython.core.compilerop import CachingCompiler
from traitlets import Type
from traitlets.config import Config

from pyworker import outputs, showing

_BUILTINS = ("display", "__IPYTHON__", "get_ipython")  # which a shell adds to all names
_WARM = "1 / 0"  # no await, which would make an event loop in the zygote


class _Compiler(CachingCompiler):  # type: ignore[misc]
    """Names a cell as the answer's error does."""

    file = ""

    def get_code_name(self, raw_code: str, transformed_code: str, number: int) -> str:
        return self.file


class _Hook(displayhook.DisplayHook):  # type: ignore[misc]
    def write_output_prompt(self) -> None:
        pass

    def write_format_data(self, format_dict: Any, md_dict: Any = None) -> None:
        outputs.publish(format_dict, md_dict, "result")

    def log_output(self, format_dict: Any) -> None:
        pass


class _Publisher(displaypub.DisplayPublisher):  # type: ignore[misc]
    def publish(self, data: Any, metadata: Any = None, source: Any = None, **_: Any) -> None:
        outputs.publish(data, metadata)

    def clear_output(self, wait: bool = False) -> None:
        pass


class Shell(interactiveshell.InteractiveShell):  # type: ignore[misc]
    compiler_class = Type(_Compiler)
    displayhook_class = Type(_Hook)
    display_pub_class = Type(_Publisher)
    system = interactiveshell.InteractiveShell.system_raw  # !command; the usual way needs a pty

    def init_ipython_dir(self, ipython_dir: Any) -> None:
        self.ipython_dir = "/"  # it must be there, also in the zygote

    def init_profile_dir(self, profile_dir: Any) -> None:
        pass

    def init_sys_modules(self) -> None:
        pass

    def init_virtualenv(self) -> None:
        pass

    def enable_gui(self, gui: Any = None) -> None:
        pass

    def enable_matplotlib(self, gui: Any = None) -> tuple[str, str]:
        return "inline", "inline"  # as it always is

    def _showtraceback(self, etype: Any, evalue: Any, stb: Any) -> None:
        self.tracebacks.append(self.InteractiveTB.stb2text(stb))

    def run(self, source: str, file: str, module: types.ModuleType) -> tuple[Any, BaseException | None, str]:
        """Runs a cell. Returns the last expression's value, the exception, and its traceback."""
        if self.user_module is not module:
            self._enter(module)
        self.tracebacks: list[str] = []
        self.compile.file = file
        result = self.run_cell(source, store_history=True)
        error = result.error_before_exec or result.error_in_exec
        if isinstance(result.error_before_exec, SyntaxError) and error.filename == "<string>":
            error.filename = file  # it came from the tokenizer
        if error is None:
            for text in self.tracebacks:  # of a _repr_*_ method, for example
                sys.stderr.write(text + "\n")
            return result.result, None, ""
        return None, error, self.tracebacks[-1] if self.tracebacks else ""

    def _enter(self, module: types.ModuleType) -> None:
        """Takes the names of a module, and becomes the shell that get_ipython() returns."""
        self.user_module, self.user_ns = module, module.__dict__
        self.ipython_dir = "/tmp"
        self.user_ns_hidden: dict[str, Any] = {}
        self.db: dict[str, Any] = {}  # where %cd keeps its history; there is no directory for it
        self.init_user_ns()
        module.__dict__.pop("open", None)  # the built-in one does
        self.init_builtins()
        for kind in type(self)._walk_mro():
            kind._instance = self


def make(warm: bool) -> Shell:
    """Makes a shell. If warm, it runs a cell that fails: the first traceback takes a tenth of a second."""
    interactiveshell.warn = _warn
    settings = Config()
    settings.HistoryManager.enabled = False
    settings.HistoryManager.hist_file = ":memory:"
    settings.InteractiveShell.colors = "nocolor" if _new() else "NoColor"
    settings.InteractiveShell.autocall = 0
    settings.InteractiveShell.enable_tip = False
    names = types.ModuleType("warm")
    before: Any = {name: vars(builtins)[name] for name in _BUILTINS if name in vars(builtins)}
    hook = sys.excepthook
    made = Shell(config=settings, user_module=names, user_ns=names.__dict__)
    atexit.unregister(made.atexit_operations)
    formatters = made.display_formatter.formatters
    formatters["image/png"].for_type_by_name("matplotlib.figure", "Figure", _png)
    made.display_formatter.ipython_display_formatter.for_type_by_name(
        "plotly.basedatatypes", "BaseFigure", outputs.display
    )
    if warm:
        made.run(_WARM, "warm.py", names)
        made.reset(new_session=True)
        made.execution_count = 1
    sys.excepthook = hook
    for name in _BUILTINS:
        vars(builtins).pop(name, None)
    vars(builtins).update(before)
    return made


def _warn(message: Any, *more: Any, **named: Any) -> None:
    """warnings.warn, but for IPython's word on sys.exit: it does end the cell."""
    if not str(message).startswith("To exit"):
        warnings.warn(message, *more, **{**named, "stacklevel": named.get("stacklevel", 1) + 1})


def _new() -> bool:
    import IPython

    return bool(IPython.version_info[0] >= 9)


def _png(figure: Any) -> bytes | None:
    return showing.figure_bundle(figure).get("image/png")
