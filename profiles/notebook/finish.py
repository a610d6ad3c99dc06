"""Runs once with the Python of a new environment of this profile, and changes it.

Text in plots may be Chinese, Japanese and Korean: Noto Sans CJK becomes one of
matplotlib's own fonts, is looked at for each character that the first font does not
have, and stands in for the fonts that scripts name for that purpose. The list of fonts
that matplotlib makes when it is first imported is made now, since cells cannot keep it.
"""

import dataclasses
import os
import re
from pathlib import Path

import matplotlib
from matplotlib import font_manager
from noto_cjk_sans_jp_regular import FONT_PATH

NAME = "Noto Sans CJK JP"
STANDS_IN_FOR = (
    "Noto Sans CJK SC",
    "Noto Sans CJK TC",
    "Noto Sans CJK KR",
    "Noto Sans SC",
    "Noto Sans JP",
    "Source Han Sans SC",
    "SimHei",
    "SimSun",
    "Microsoft YaHei",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "PingFang SC",
    "Arial Unicode MS",
    "IPAexGothic",
    "IPAGothic",
    "MS Gothic",
    "Yu Gothic",
    "Meiryo",
    "Hiragino Sans",
    "Malgun Gothic",
    "NanumGothic",
    "AppleGothic",
)
START = """\
# Written by hotcell: matplotlib finds the list of its fonts where it looks for it.
import os

try:
    if directory := os.environ.get("MPLCONFIGDIR"):
        os.makedirs(directory, exist_ok=True)
        os.symlink(os.path.join(os.path.dirname(__file__), {list!r}), os.path.join(directory, {list!r}))
except OSError:
    pass
"""


def main() -> None:
    packages, data = Path(matplotlib.__file__).parents[1], Path(matplotlib.get_data_path())
    font = data / "fonts" / "ttf" / Path(str(FONT_PATH)).name
    if not font.is_symlink():
        font.symlink_to(os.path.relpath(str(FONT_PATH), font.parent))
    settings = data / "matplotlibrc"
    text, changed = re.subn(r"(?m)^#?font\.family:.*$", f"font.family: sans-serif, {NAME}", settings.read_text())
    if changed != 1:
        raise SystemExit(f"{settings} has {changed} lines font.family, not one")
    settings.write_text(text)

    fonts = font_manager.FontManager()
    noto = [entry for entry in fonts.ttflist if entry.name == NAME]
    if not noto:
        raise SystemExit(f"matplotlib does not find {NAME}")
    fonts.ttflist += [dataclasses.replace(noto[0], name=name) for name in STANDS_IN_FOR]
    cache = f"fontlist-v{font_manager.FontManager.__version__}.json"
    font_manager.json_dump(fonts, packages / cache)
    (packages / "hotcell_fonts.py").write_text(START.format(list=cache))
    (packages / "hotcell_fonts.pth").write_text("import hotcell_fonts\n")


main()
