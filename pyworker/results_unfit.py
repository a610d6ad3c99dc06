"""Why a value has no JSON form."""

import builtins

__builtins__ = dict(vars(builtins))  # type: ignore[assignment]


class Unfit(Exception):
    """The value has no JSON form; why, if it is not its type."""

    def __init__(self, why: str = "") -> None:
        super().__init__(why)
        self.why = why

    @classmethod
    def of_half(cls, error: UnicodeEncodeError) -> "Unfit":
        """JSON can escape a lone surrogate, but its meaning is up to the reader (RFC 8259, section 8.2):
        some reject the whole document, others replace it with U+FFFD.
        """
        half = ord(error.object[error.start])
        return cls(f"contains a lone surrogate, \\u{half:04x}, which is not a character")


def twin(what: str, name: str) -> Unfit:
    return Unfit(f'has two {what} that are "{name[:200]}" as text')


def unique(names: list[str], what: str) -> list[str]:
    """Returns names. Raises Unfit if one is there twice."""
    if len(set(names)) < len(names):
        seen: set[str] = set()
        for name in names:
            if name in seen:
                raise twin(what, name)
            seen.add(name)
    return names
