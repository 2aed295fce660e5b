"""Sources that there's no report of: what stands for them in the output, so that nobody takes them for checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from potable.engine.cli import faults
from potable.engine.contracts.report import Ending, Report
from potable.engine.findings import Code, Occurrence


@dataclass(frozen=True, slots=True)
class Unmade:
    """A source that was refused, that the engine failed with, or that wasn't come to.

    :param name: what it's called in lists: its resourceID, or the file where that isn't known.
    :param why: one sentence, with the mend.
    :param resource_id: "" where it isn't known.
    :param state: ``refused``, ``error`` or ``cancelled``.
    :param fault: what is wrong with its definition, where that's why.
    """

    name: str
    why: str
    resource_id: str = ""
    state: Ending = "refused"
    fault: Occurrence | None = None

    def report(self, user_id: int, codes: Mapping[str, Code]) -> Report:
        """It in the form of a report: inconclusive, as nothing is known of the data.

        :param codes: the known ones; a definition's fault is told as a finding, for readers who go by places.
        """
        found = [] if self.fault is None else [(self.fault, codes[self.fault.code].severity)]
        return faults.report(
            self.resource_id,
            faults.findings(self.resource_id, found, codes),
            verdict="inconclusive",
            why=(self.why,),
            name="" if self.resource_id else self.name,
            file=None if self.fault is None else self.fault.location.file,
            user_id=user_id,
            state=self.state,
        )
