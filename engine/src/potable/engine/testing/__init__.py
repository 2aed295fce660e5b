"""For authors of plugins: tables and JSON records in memory, and the laws that every checker and every reader keeps.

``check_checker`` runs a checker over a table cut in many ways and raises AssertionError where it breaks the contract::

    from potable.engine.testing import check_checker

    def test_my_checker_keeps_the_contract():
        check_checker(MyChecker, {"sex": ["M", "F"], "age": ["7", "x"]})

``check_reader`` does so with a reader of a format and a file.
"""

from potable.engine.testing.conformance import check_checker, findings_of
from potable.engine.testing.memory import MemoryReading
from potable.engine.testing.readers import check_reader
from potable.engine.testing.records import RecordsReading

__all__ = ["MemoryReading", "RecordsReading", "check_checker", "check_reader", "findings_of"]
