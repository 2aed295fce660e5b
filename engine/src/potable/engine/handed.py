"""What plugins hand in, made sure of as it comes in: a message names the thing, its author's line and the mend."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from operator import index
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

T = TypeVar("T")


def a_kind(one: object) -> str:
    """What something is, in words: ``None``, ``an int``, ``the class Ages``."""
    if one is None:
        return "None"
    name = one.__name__ if isinstance(one, type) else type(one).__name__
    return f"the class {name}" if isinstance(one, type) else f"{'an' if name[:1] in 'aeioAEIO' else 'a'} {name}"


def place_of(function: Any) -> str:
    """Where a function of a plugin's stands: `` (mylab.py:28)``; "" where that can't be told."""
    while isinstance(function, partial):
        function = function.func
    function = getattr(function, "__func__", function)
    if not hasattr(function, "__code__") and callable(function):
        function = type(function).__call__  # an object's
    code = getattr(function, "__code__", None)
    if code is None or str(getattr(function, "__module__", "")).startswith("potable.engine."):
        return ""
    return at_line(code.co_filename, code.co_firstlineno)


def at_line(file: str, line: int) -> str:
    """A line of a plugin's code: `` (mylab.py:28)``, `` (mylab_potable/__init__.py:28)``."""
    path = PurePath(file)
    return f" ({path.parent.name}/{path.name}:{line})" if path.name == "__init__.py" else f" ({path.name}:{line})"


def each(given: Iterable[T] | None, kind: type[Any], what: str, function: object) -> Iterator[T]:
    """What was given, one by one.

    :param kind: what each has to be.
    :param what: who gave it, for the message: ``rules``; ``function``: the same, for its place.
    :raises TypeError: it's a single thing or nothing, or one of it is of another kind.
    """
    if not isinstance(given, Iterable) or isinstance(given, str | bytes):
        raise TypeError(f"{what} gave {a_kind(given)}: yield each, or give a list{place_of(function)}")
    for one in given:
        if not isinstance(one, kind):
            raise TypeError(f"{what} gave {_instead(one, kind)}{place_of(function)}")
        yield one


def holds(given: Any, owner: str, *kinds: type) -> None:
    """Raises TypeError where ``given`` is no list of these kinds; ``owner`` is what it's called in the message."""
    if not isinstance(given, Iterable) or isinstance(given, str | bytes):
        raise TypeError(f"{owner} is {a_kind(given)}: write a list")
    for one in given:
        if not isinstance(one, kinds):
            raise TypeError(f"{owner} holds {_instead(one, *kinds)}")


def _instead(one: object, *kinds: type) -> str:
    names = " or ".join(f"{'an' if kind.__name__[0] in 'AEIO' else 'a'} {kind.__name__}" for kind in kinds)
    mend = f": make an object of it, {one.__name__}()" if isinstance(one, type) and issubclass(one, kinds) else ""
    return f"{a_kind(one)} where {names} belongs{mend}"


def texts(owner: str, given: Any, what: str = "a list of texts") -> tuple[str, ...]:
    """Texts, of which a single one may be given as it is. Raises TypeError for anything else."""
    if isinstance(given, str):
        return (given,)
    if not isinstance(given, Iterable):
        raise TypeError(f"{owner} is {a_kind(given)}: write {what}")
    found = tuple(given)
    for one in found:
        if not isinstance(one, str):
            raise TypeError(f"{owner} holds {one!r}: write {what}")
    return found


def callables(owner: object, *names: str, optional: tuple[str, ...] = ()) -> None:
    """Raises TypeError where one of an object's members can't be called."""
    for name in (*names, *optional):
        given = getattr(owner, name)
        if not callable(given) and (given is not None or name in names):
            raise TypeError(f"{type(owner).__name__}.{name} is {a_kind(given)}, not a function")


def whole_number(given: Any, owner: str) -> int:
    """A whole number, NumPy's as Python's. Raises TypeError for anything else."""
    try:
        return index(given)
    except TypeError:
        raise TypeError(f"{owner} is {given!r}, not a whole number") from None


def record_numbers(given: Any, owner: str) -> npt.NDArray[np.uint64]:
    """Numbers of records: ascending, each once.

    :param given: whole numbers from 1, in any order: a list, a set, an array.
    :raises TypeError: it holds something else. :raises ValueError: a number is less than 1.
    """
    import numpy as np  # heavy

    if isinstance(given, str | bytes) or not isinstance(given, Iterable) or getattr(given, "ndim", 1) != 1:
        raise TypeError(f"{owner} is {a_kind(given)}: write a list or an array of whole numbers")
    if not hasattr(given, "dtype"):
        given = list(given)
        odd = next((one for one in given if isinstance(one, bool) or not hasattr(one, "__index__")), None)
        if odd is not None or None in given:
            raise TypeError(f"{owner} holds {odd!r}: write whole numbers, those of records")
    array = np.asarray(given)
    if not array.size:
        return np.empty(0, np.uint64)
    if array.dtype.kind not in "ui":
        raise TypeError(f"{owner} holds {array.reshape(-1)[0]!r}: write whole numbers, those of records")
    if (least := array.min()) < 1:
        raise ValueError(f"{owner} holds {least}: records are counted from 1")
    array = array.astype(np.uint64, copy=False)
    return array if (array[1:] > array[:-1]).all() else np.unique(array)
