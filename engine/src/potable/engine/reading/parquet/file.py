"""A Parquet file, opened: its footer, its columns, what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from potable.engine.contracts.reading import part_location
from potable.engine.contracts.snapshot import Part
from potable.engine.findings import Fault, Occurrence, clip
from potable.engine.reading.naming import column_index, column_paths
from potable.engine.reading.streams import compression

if TYPE_CHECKING:
    import pyarrow as pa

    from potable.engine.limits import Limits

_WORDS = 1_000
"""Most characters of the library's own words."""
_MARK, _HEAD = b"PAR1", 12


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of a part, as records see them: the top of nested ones.

    :param names: as in the file's schema.
    :param paths: their canonical paths.
    :param index: number of a column by path, from 0.
    :param leaves: numbers of the Parquet columns that each consists of.
    """

    names: tuple[str, ...]
    paths: tuple[str, ...]
    index: dict[str, int]
    leaves: tuple[range, ...]

    @classmethod
    def of(cls, schema: pa.Schema) -> Columns:
        """The columns of a schema."""
        leaves, at = [], 0
        for arrow in schema.types:
            width = _leaves(arrow)
            leaves.append(range(at, at + width))
            at += width
        names = tuple(schema.names)
        paths = column_paths(names)
        return cls(names, paths, column_index(names, paths), tuple(leaves))


@contextmanager
def opened(part: Part) -> Iterator[Any]:
    """The part as a ``pyarrow.parquet.ParquetFile``. Raises :class:`Fault` (``parquet/unreadable``)."""
    import pyarrow.parquet as pq  # heavy

    with reading(part), part.path.open("rb") as raw, pq.ParquetFile(raw, page_checksum_verification=True) as file:
        yield file


@contextmanager
def reading(part: Part, what: str = "") -> Iterator[None]:
    """Whatever goes wrong inside is a :class:`Fault` of the part.

    :param what: which piece of the part is read.
    """
    import polars as pl  # heavy
    import pyarrow as pa  # heavy

    try:
        yield
    except (pa.ArrowException, pl.exceptions.PolarsError, OSError, ValueError, MemoryError) as e:
        raise Fault(unreadable(part, e, what)) from None
    except BaseException as e:
        if type(e).__module__ != "pyo3_runtime":  # Polars' panics, which don't derive from Exception
            raise
        raise Fault(unreadable(part, e, what)) from None


def unreadable(part: Part, e: BaseException, what: str = "") -> Occurrence:
    """``parquet/unreadable``, or ``access/…`` where it's the file system's fault."""
    at = part_location(part)
    if isinstance(e, OSError) and e.errno is not None and e.strerror:
        code = "access/not-found" if isinstance(e, FileNotFoundError) else "access/unreachable"
        return Occurrence(code, f"{part.name} can't be read: {e.strerror}", location=at)
    words = clip(" ".join(str(e).split()) or type(e).__name__, _WORDS)
    hint = "Decrypt the file, or have it exported without encryption." if "crypt" in str(e).lower() else None
    beginning = _beginning(part) if "footer" in words else b""
    if beginning.startswith(_MARK):
        words = "it's cut off: the list of its contents at its end is missing"
        hint = "Get the file again, whole: a transfer broke off, or the disk was full."
    elif (kind := compression(beginning)) is not None:
        words = f"it's compressed with {kind} as a whole, and Parquet isn't unpacked"
        hint = "Unpack the file, and name the Parquet file itself in ingestURL."
    return Occurrence("parquet/unreadable", f"{part.name} can't be read{what}: {words}", location=at, hint=hint)


def _beginning(part: Part) -> bytes:
    try:
        with part.path.open("rb") as file:
            return file.read(_HEAD)
    except OSError:
        return b""


def check_size(part: Part, metadata: Any, limits: Limits) -> None:
    """Raise ``access/compression`` for a file that unpacks to more than a part may."""
    groups = (metadata.row_group(i).total_byte_size for i in range(metadata.num_row_groups))
    size = sum(groups)
    if size > limits.inflated_bytes:
        message = (
            f"{part.bytes:,} bytes of Parquet unpack to {size:,} bytes by its own account, more than "
            f"{limits.inflated_bytes:,} (Limits.inflated_bytes)"
        )
        raise Fault(Occurrence("access/compression", message, location=part_location(part)))


def _leaves(arrow: pa.DataType) -> int:
    """How many Parquet columns a value of this type is stored in."""
    import pyarrow as pa  # heavy

    if isinstance(arrow, pa.BaseExtensionType):
        return _leaves(arrow.storage_type)
    if pa.types.is_map(arrow):
        return _leaves(arrow.key_type) + _leaves(arrow.item_type)
    if pa.types.is_nested(arrow):
        return sum(_leaves(arrow.field(i).type) for i in range(arrow.num_fields))
    return 1
