"""Runs once with the Python of the environment that libraries' own tests run in.

matplotlib's wheel leaves out the pictures that its tests compare with, and without their
directory none of its tests can be imported. Those that compare nothing can run.
"""

from pathlib import Path

import matplotlib

(Path(matplotlib.__file__).parent / "tests" / "baseline_images").mkdir(exist_ok=True)
