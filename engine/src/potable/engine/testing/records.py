"""JSON records in memory as a reading, cut as a test wants it: read as JSON Lines are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import orjson

from potable.engine.contracts.reading import ChunkParser, Cut
from potable.engine.limits import Limits
from potable.engine.reading.json.layout import Hints
from potable.engine.reading.json.lines import record_lines
from potable.engine.reading.json.parser import JsonParser
from potable.engine.testing.memory import InMemory, spans

FILE = "memory.jsonl"


class RecordsReading(InMemory):
    """A reading of JSON objects, as a file of JSON Lines would give it.

    :param records: the objects.
    :param bounds: record numbers (0 to the number of records) at which it is cut; () makes one chunk.
    :param limits: of the parser.
    :raises TypeError: one isn't an object, or JSON has no such value.
    """

    typed = True
    columns = None
    codes = ()

    def __init__(
        self, records: Sequence[Mapping[str, Any]], bounds: Sequence[int] = (), limits: Limits = Limits()
    ) -> None:
        for number, record in enumerate(records, 1):
            if not isinstance(record, Mapping):
                raise TypeError(f"record {number} is a {type(record).__name__} where a mapping belongs")
        self._lines = [orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE) for record in records]
        self._spans = spans(len(records), bounds)
        self._parser = JsonParser(limits.samples, limits.depth, limits.columns, limits.cells, limits.node_bytes)

    def cuts(self) -> Iterator[Cut]:
        byte = 0
        for index, (start, end) in enumerate(self._spans):
            if end > start:
                data = b"".join(self._lines[start:end])
                lines, _ = record_lines(data)
                hints = Hints(file=FILE, url=None, column=1, original="utf-8", spans=lines, dense=True)
                yield Cut(
                    index=index, part=0, byte=byte, line=start + 1, first_record=start + 1, records=end - start,
                    data=data, hints=hints,
                )  # fmt: skip
                byte += len(data)

    def parser(self) -> ChunkParser:
        return self._parser
