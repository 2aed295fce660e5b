"""Columns of Arrow's as Polars': what Polars has no type for becomes what it has one for."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import polars as pl
import pyarrow as pa

from potable.engine.reading.typed_rows import TypedRows


def typed_rows(columns: Mapping[str, pa.ChunkedArray[Any]], rows: int) -> TypedRows:
    """Rows of these columns, by their canonical paths.

    :param rows: how many.
    """
    series, wide, maps = [pl.Series("", [None] * rows)], set(), set()
    for name, values in columns.items():
        column = values
        if pa.types.is_map(column.type):
            maps.add(name)
        narrow = narrowed(column.type)
        if narrow != column.type:
            if is_wide(column.type):
                wide.add(name)
            column = column.cast(narrow)
        series.append(pl.Series(name, pl.from_arrow(column)))
    return TypedRows(pl.DataFrame(series), tuple(columns), frozenset(wide), frozenset(maps))


def is_known(schema: pa.Schema) -> bool:
    """Whether Polars has all of its types."""
    return all(narrowed(arrow) == arrow for arrow in schema.types)


def is_wide(arrow: pa.DataType) -> bool:
    """Whether its numbers are kept as text."""
    return pa.types.is_decimal256(arrow)


def narrowed(arrow: pa.DataType) -> pa.DataType:
    """The type with text for numbers of so many digits that Polars has no type for them, UTC for time zones that it
    doesn't know, as ``+05:30``, and days for milliseconds that are days (``date64``), which it takes for times;
    also inside. Of an extension type it's what its values are kept as.
    """
    if isinstance(arrow, pa.BaseExtensionType):
        return narrowed(arrow.storage_type)
    if pa.types.is_date64(arrow):
        return pa.date32()
    if pa.types.is_timestamp(arrow) and arrow.tz is not None and not _known_zone(arrow.tz):
        return pa.timestamp(arrow.unit, "UTC")
    if is_wide(arrow):
        return pa.string()
    if pa.types.is_struct(arrow):
        return pa.struct([arrow.field(i).with_type(narrowed(arrow.field(i).type)) for i in range(arrow.num_fields)])
    if pa.types.is_list(arrow):
        return pa.list_(arrow.value_field.with_type(narrowed(arrow.value_type)))
    if pa.types.is_large_list(arrow):
        return pa.large_list(arrow.value_field.with_type(narrowed(arrow.value_type)))
    return arrow


@cache
def _known_zone(zone: str) -> bool:
    try:
        pl.from_arrow(pa.nulls(1, pa.timestamp("us", zone)))
    except pl.exceptions.PolarsError:
        return False
    return True
