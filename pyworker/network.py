"""Says in the errors of Python's socket module that a cell has no network.

The filter refuses sockets other than those between a cell's own processes, and there is
no name server. The errors keep their types and numbers; only their text changes.
"""

import errno
import socket
from collections.abc import Callable
from typing import Any

TEXT = (
    "there is no network in a hotcell cell: send the data with the request (files, stdin or args), "
    "or download it outside and send it then"
)
_LOOKUPS = ("getaddrinfo", "gethostbyname", "gethostbyname_ex", "gethostbyaddr", "getnameinfo")
_REFUSED = (errno.EPERM, errno.EACCES, errno.EAFNOSUPPORT)


def prepare() -> None:
    """Changes the socket module, once in the zygote, before other modules import from it."""
    for name in _LOOKUPS:
        setattr(socket, name, _lookup(getattr(socket, name)))
    opened = socket.socket.__init__

    def begin(self: socket.socket, family: int = -1, *args: Any, **kwargs: Any) -> None:
        try:
            opened(self, family, *args, **kwargs)
        except OSError as refused:
            if refused.errno not in _REFUSED or family == socket.AF_UNIX:
                raise
            raise type(refused)(refused.errno, TEXT) from None

    begin.__name__, begin.__qualname__ = opened.__name__, opened.__qualname__
    socket.socket.__init__ = begin  # type: ignore[method-assign]


def _lookup(real: Callable[..., Any]) -> Callable[..., Any]:
    """Returns a function that looks a name up as real does, and says why if it fails."""

    def lookup(*args: Any, **kwargs: Any) -> Any:
        try:
            return real(*args, **kwargs)
        except socket.gaierror as failed:
            raise type(failed)(failed.errno, TEXT) from None
        except socket.herror as failed:
            raise type(failed)(failed.errno, TEXT) from None

    lookup.__name__, lookup.__qualname__, lookup.__doc__ = real.__name__, real.__name__, real.__doc__
    return lookup
