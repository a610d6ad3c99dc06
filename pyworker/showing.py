"""Makes libraries that open windows show here instead: matplotlib, Pillow, plotly, IPython.

Each is changed when the script imports it, or at once if the zygote has.
"""

import atexit
import io
import sys
from typing import Any

from pyworker import imports, outputs


def png(figure: Any) -> bytes:
    """Draws a figure of matplotlib."""
    file = io.BytesIO()
    figure.canvas.print_figure(
        file,
        format="png",
        dpi=figure.dpi,
        bbox_inches="tight",
        facecolor=figure.get_facecolor(),
        edgecolor=figure.get_edgecolor(),
    )
    return file.getvalue()


def figure_bundle(figure: Any) -> dict[str, Any]:
    """Returns the forms of a figure, which from then on counts as shown."""
    if _is_empty(figure):
        return {"text/plain": repr(figure)}
    picture = png(figure)
    figure._hotcell_shown = hash(picture)
    return {"text/plain": repr(figure), "image/png": picture}


def _is_empty(figure: Any) -> bool:
    return not (figure.axes or figure.lines or figure.texts or figure.images)


def open_figures() -> None:
    """Shows the figures that are open, but for empty ones and those that were shown as they are."""
    helpers = sys.modules["matplotlib._pylab_helpers"]
    for manager in helpers.Gcf.get_all_fig_managers():
        _show_manager(manager)


def _show_manager(manager: Any) -> None:
    """FigureManagerBase.show, for plt.show and Figure.show. As with a window, the figure is closed after that."""
    figure = manager.canvas.figure
    try:
        if not _is_empty(figure):
            before = getattr(figure, "_hotcell_shown", None)
            data = figure_bundle(figure)
            if figure._hotcell_shown != before:
                outputs.publish(data)
    except Exception as error:
        outputs.complain(f"figure {manager.num}", error)
    finally:
        sys.modules["matplotlib._pylab_helpers"].Gcf.destroy(manager)


def _matplotlib(module: Any) -> None:
    module.FigureManagerBase.show = _show_manager


def _figures(module: Any) -> None:
    atexit.unregister(module.Gcf.destroy_all)  # a program's exit handlers run before its open figures are shown


def _pillow(module: Any) -> None:
    class Viewer(module.Viewer):  # type: ignore[misc]
        def show(self, image: Any, **options: Any) -> int:
            outputs.display(image)
            return 1

    module.register(Viewer, 0)


def _plotly(module: Any) -> None:
    module.BaseFigure.show = lambda figure, *args, **options: outputs.display(figure)


def _ipython(module: Any) -> None:
    module.display = outputs.display
    module.publish_display_data = lambda data, metadata=None, **_: outputs.publish(data, metadata)
    module.clear_output = lambda wait=False: None


_CHANGES: dict[str, imports.Change] = {
    "matplotlib.backend_bases": _matplotlib,
    "matplotlib._pylab_helpers": _figures,
    "PIL.ImageShow": _pillow,
    "plotly.basedatatypes": _plotly,
    "IPython.core.display_functions": _ipython,
    "IPython.display": _ipython,  # which has copied the names if it was loaded before
}
_OF_IPYTHON = ("IPython.core.display_functions", "IPython.display")


def _carefully(change: imports.Change) -> imports.Change:
    def carefully(module: Any) -> None:
        try:
            change(module)
        except Exception as error:  # a version that is made otherwise
            outputs.complain(f"what {module.__name__} shows", error)

    return carefully


def install(with_ipython: bool) -> None:
    """Changes what is loaded and what will be. Without with_ipython, IPython's own shell shows what it is given."""
    changes = {name: _carefully(change) for name, change in _CHANGES.items() if with_ipython or name not in _OF_IPYTHON}
    if not with_ipython:
        imports.leave(_OF_IPYTHON)
    imports.change(changes)
