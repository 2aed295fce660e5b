"""Numbers that Python's fast parsers can't hold, or not exactly."""

from __future__ import annotations

import math
from decimal import Decimal, InvalidOperation
from json import JSONDecoder
from typing import Any

import numpy as np

from potable.engine.reading.json.index import Bytes, Offsets

_DIGITS = 19  # so many digits may be more than 64 bits hold
_MOST_DIGITS = 4300  # Python turns no longer text into an int


def long_numbers(text: Bytes) -> Offsets:
    """Offsets inside each run of at least 19 digits: such integers a fast parser may make floats of."""
    every = _DIGITS // 2
    digits = text[::every] - np.uint8(0x30) < 10
    near = np.flatnonzero(digits[1:] & digits[:-1]) * every
    around = near[:, None] + np.arange(1 - _DIGITS, _DIGITS)
    is_digit = text[np.clip(around, 0, len(text) - 1)] - np.uint8(0x30) < 10
    left = is_digit[:, :_DIGITS][:, ::-1].argmin(axis=1)  # digits up to here, and from here on; 0: all are
    right = is_digit[:, _DIGITS - 1 :].argmin(axis=1)
    long: Offsets = near[(left == 0) | (right == 0) | (left + right > _DIGITS)]
    return long


def exact(raw: bytes) -> Any:
    """A value with its numbers exact: those that no int or float holds are ``Decimal``."""
    return _exact.decode(raw.decode())


def _integer(text: str) -> int | Decimal:
    return int(text) if len(text) <= _MOST_DIGITS else Decimal(text)


def _fraction(text: str) -> float | Decimal:
    number = float(text)
    if math.isfinite(number):
        return number
    try:
        return Decimal(text)
    except InvalidOperation:  # an exponent of more than eighteen digits
        return number


_exact = JSONDecoder(parse_int=_integer, parse_float=_fraction)
