"""Does what `python ARG…` does, with the arguments that this program gets, and prints everything to stdout."""

import os
import sys
import types


def show(kind: type[BaseException], raised: BaseException, trace: types.TracebackType | None) -> None:
    """Shows an exception without the two frames of this file."""
    for _ in range(2):
        trace = trace and trace.tb_next
    sys.__excepthook__(kind, raised.with_traceback(trace), trace)


def main(args: list[str]) -> None:
    os.dup2(1, 2)  # one stream, so that what is printed to both stays in order
    here = sys.modules["__main__"] = types.ModuleType("__main__")
    vars(here)["__builtins__"] = __builtins__
    sys.excepthook = show
    while args and not args[0]:
        args.pop(0)
    while args and args[0][:1] == "-" and args[0] not in ("-c", "-m", "-"):
        option = args.pop(0)
        if option in ("-W", "-X") and args:
            args.pop(0)  # its value
    if not args or args[0] == "-":
        return  # there is nothing on stdin
    if args[0] == "-m" and args[1:]:
        import runpy

        sys.argv = args[1:]
        runpy.run_module(args[1], run_name="__main__", alter_sys=True)
        return
    if args[0] == "-c" and args[1:]:
        sys.argv, name, source = ["-c", *args[2:]], "<string>", args[1].encode()
    elif args[0] in ("-c", "-m"):
        sys.exit(f"Argument expected for the {args[0]} option")
    else:
        name = os.path.abspath(args[0])
        try:
            with open(name, "rb") as file:
                source = file.read()
        except OSError as error:
            print(f"python: can't open file '{name}': [Errno {error.errno}] {error.strerror}", file=sys.stderr)
            sys.exit(2)
        vars(here)["__file__"], sys.argv = name, args
        sys.path.insert(0, os.path.dirname(name))
    exec(compile(source, name, "exec", dont_inherit=True), vars(here))


main(sys.argv[1:])
