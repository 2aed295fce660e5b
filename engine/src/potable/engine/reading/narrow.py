"""Columns of Arrow's as Polars': what Polars has no type for becomes what it has one for."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

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
            column = (
                pc.call_function("run_end_decode", [column]) if pa.types.is_run_end_encoded(column.type) else column
            )
            column = column.cast(narrow)
        series.append(pl.Series(name, pl.from_arrow(column)))
    return TypedRows(pl.DataFrame(series), tuple(columns), frozenset(wide), frozenset(maps))


def is_known(schema: pa.Schema) -> bool:
    """Whether Polars has all of its types."""
    return all(narrowed(arrow) == arrow for arrow in schema.types)


def unread(schema: pa.Schema) -> str:
    """What can't be read of these columns, and what to do; "" for nothing."""
    for field in schema:
        odd = _unread(field.type)
        if odd is not None:
            return (
                f"the column {field.name!r} has values of Arrow's type {str(odd)[:100]}, which aren't read; convert "
                "them to texts, numbers, lists or structs first, or leave the column out"
            )
    return ""


def _unread(arrow: pa.DataType, *, inside: bool = False) -> pa.DataType | None:
    if pa.types.is_union(arrow) or pa.types.is_interval(arrow) or (inside and pa.types.is_run_end_encoded(arrow)):
        return arrow
    if isinstance(arrow, pa.BaseExtensionType):
        return _unread(arrow.storage_type, inside=inside)
    if pa.types.is_run_end_encoded(arrow):  # Arrow decodes runs of plain values alone
        plain = not (pa.types.is_nested(arrow.value_type) or pa.types.is_dictionary(arrow.value_type))
        return _unread(arrow.value_type, inside=True) if plain else arrow
    found = (_unread(arrow.field(at).type, inside=True) for at in range(arrow.num_fields))
    return next((odd for odd in found if odd is not None), None)


def is_wide(arrow: pa.DataType) -> bool:
    """Whether its numbers are kept as text."""
    return pa.types.is_decimal256(arrow)


def narrowed(arrow: pa.DataType) -> pa.DataType:
    """The type with text for numbers of so many digits that Polars has no type for them, UTC for time zones that it
    doesn't know, as ``+05:30``, and days for milliseconds that are days (``date64``), which it takes for times;
    also inside. Of runs, views of lists and extension types it's what their values are.
    """
    if isinstance(arrow, pa.BaseExtensionType):
        return narrowed(arrow.storage_type)
    if pa.types.is_date64(arrow):
        return pa.date32()
    if pa.types.is_timestamp(arrow) and arrow.tz is not None and not _known_zone(arrow.tz):
        return pa.timestamp(arrow.unit, "UTC")
    if is_wide(arrow):
        return pa.string()
    if pa.types.is_run_end_encoded(arrow):
        return narrowed(arrow.value_type)
    if pa.types.is_list_view(arrow) or pa.types.is_large_list_view(arrow):
        return pa.large_list(arrow.value_field.with_type(narrowed(arrow.value_type)))
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
