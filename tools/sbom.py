"""Prints the contents of an image, except the base image's packages, as CycloneDX 1.5.

usage: sbom.py GO_MOD PYTHON_ENVIRONMENT
"""

import importlib.metadata
import json
import re
import sys
from pathlib import Path


def main(go_mod: str, environment: str) -> None:
    modules = re.findall(r"^\s*(?:require )?([\w.~-]+\.[\w.~/-]+) (v\S+)", Path(go_mod).read_text(), re.MULTILINE)
    parts = [("golang", name, version) for name, version in modules]
    found = importlib.metadata.distributions(
        path=[str(p) for p in Path(environment).glob("lib/python3*/site-packages")]
    )
    parts += [("pypi", d.metadata["Name"], d.version) for d in found]
    components = [
        {"type": "library", "name": name, "version": version, "purl": f"pkg:{kind}/{name}@{version}"}
        for kind, name, version in sorted(parts)
    ]
    print(
        json.dumps({"bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1, "components": components}, indent=1)
    )


main(*sys.argv[1:])
