"""Changes modules of libraries once they are loaded, whether a profile or a script imports them."""

import importlib.machinery
import sys
from collections.abc import Callable, Iterable, Mapping
from typing import Any

Change = Callable[[Any], None]

_changes: dict[str, Change] = {}


def change(changes: Mapping[str, Change]) -> None:
    """Changes these modules: those that are loaded at once, the others when they are."""
    _changes.update(changes)
    if not any(finder is _Finder for finder in sys.meta_path):
        sys.meta_path.insert(0, _Finder)
    for name, apply in changes.items():
        if name in sys.modules:
            apply(sys.modules[name])


def leave(names: Iterable[str]) -> None:
    """Leaves these modules as they are from now on."""
    for name in names:
        _changes.pop(name, None)


class _Finder:
    """Finds the modules to be changed as the other finders do, on sys.path."""

    @staticmethod
    def find_spec(name: str, path: Any = None, target: Any = None) -> Any:
        apply = _changes.get(name)
        if apply is None:
            return None
        spec: Any = importlib.machinery.PathFinder.find_spec(name, path, target)
        if spec is None or spec.loader is None:
            return spec
        loader = spec.loader

        def load_and_change(module: Any) -> None:
            del loader.exec_module  # so that it is the module's loader as always
            loader.exec_module(module)
            apply(module)

        loader.exec_module = load_and_change
        return spec
