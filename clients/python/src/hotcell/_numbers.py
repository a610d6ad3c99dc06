"""Reads integers of any number of digits.

Python refuses to convert more than 4,300 digits, since that takes quadratic time. Here
it takes less, and that limit, which is the whole program's, stays as it is.
"""

from __future__ import annotations

from decimal import Decimal

_DIGITS = 640  # any Python converts as many, whatever its limit
_MOST = 100_000


def integer(digits: str) -> int | Decimal:
    """Converts digits, perhaps with a sign. More than 100,000 become a Decimal, which is as exact, and quick."""
    if len(digits) <= _DIGITS:
        return int(digits)
    if len(digits) > _MOST:
        return Decimal(digits)
    return -_positive(digits[1:]) if digits[0] == "-" else _positive(digits)


def _positive(digits: str) -> int:
    if len(digits) <= _DIGITS:
        return int(digits)
    half = len(digits) // 2
    shift: int = 10**half
    return _positive(digits[:-half]) * shift + _positive(digits[-half:])
