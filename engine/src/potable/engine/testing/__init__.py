"""For authors of checkers: tables and JSON records in memory, and the laws that every checker keeps.

``check_checker`` runs a checker over a table cut in many ways and raises AssertionError where it breaks the contract::

    from potable.engine.testing import check_checker

    def test_my_checker_keeps_the_contract():
        check_checker(MyChecker, {"sex": ["M", "F"], "age": ["7", "x"]})
"""

from potable.engine.testing.conformance import check_checker, findings_of
from potable.engine.testing.memory import MemoryReading
from potable.engine.testing.records import RecordsReading

__all__ = ["MemoryReading", "RecordsReading", "check_checker", "findings_of"]
