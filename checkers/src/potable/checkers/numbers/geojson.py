"""Positions of GeoJSON, which have the longitude first (RFC 7946, section 3.1.1), and seem to have it second."""

from __future__ import annotations

from collections.abc import Iterator

from potable.checkers.numbers.codes import COORDINATE
from potable.engine.checker import Rule
from potable.engine.definition.model import SourceDefinition

_ENDS = (".geojson", ".geojsonl", ".geojson.gz")
_NESTED = 4
"""So deep the positions of a multipolygon are nested; a point's isn't nested."""
_SWAPPED = (
    '"{value}" is no latitude: the first number of a position in GeoJSON is the longitude, the second the latitude'
)


def rules_of_geojson(source: SourceDefinition) -> Iterator[Rule]:
    """What to look for in the first position of each feature, where the source is GeoJSON by its definition."""
    named = (source.ingest_url or "").partition("?")[0].lower().endswith(_ENDS)
    if source.format not in ("json", "jsonl") or not (named or source.parameters.get("documentElement") == "features"):
        return
    from potable.checkers.numbers.coordinates import Swapped  # heavy

    for depth in range(_NESTED):
        at = "$.geometry.coordinates" + "[0]" * depth
        wrong = Swapped(None, None, are=True)
        yield Rule(COORDINATE.id, [f"{at}[1]", f"{at}[0]"], wrong, _SWAPPED, id="swapped")
