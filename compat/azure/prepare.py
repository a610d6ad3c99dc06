"""What hotcell's package azure runs first in each session.

AutoGen lists the packages with pkg_resources, which setuptools no longer has.
"""


def _prepare() -> None:
    import importlib.util
    import sys
    import types

    if importlib.util.find_spec("pkg_resources") is not None:
        return
    from importlib.metadata import Distribution, distributions
    from typing import Any

    class Installed:
        def __init__(self, it: Distribution) -> None:
            self.project_name = it.metadata["Name"]
            self.key = self.project_name.lower()
            self.version = it.version

        def __str__(self) -> str:
            return f"{self.project_name} {self.version}"

    class Names(types.ModuleType):
        def __getattr__(self, name: str) -> Any:
            if name != "working_set":
                raise AttributeError(f"hotcell's pkg_resources has working_set only, not {name}")
            return [Installed(it) for it in distributions()]

    sys.modules["pkg_resources"] = Names("pkg_resources")


_prepare()
del _prepare
