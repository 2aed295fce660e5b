"""Sources that there's no report of: what stands for them in the output, so that nobody takes them for checked."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from potable.engine.contracts.report import Counts, Ending, Report, RunInfo, SourceInfo
from potable.engine.findings import Code, Finding, Occurrence
from potable.engine.version import VERSION


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
        now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        fault = self.fault
        file = None if fault is None else fault.location.file
        findings = () if fault is None else (_finding(fault, codes[fault.code], self.resource_id),)
        return Report(
            run=RunInfo(
                run_id="", resource_id=self.resource_id, user_id=user_id, started=now, ended=now, seconds=0.0,
                state=self.state,
            ),
            verdict="inconclusive",
            why=(self.why,),
            source=SourceInfo(
                name="" if self.resource_id else self.name, ingest_method="", ingest_url=None,
                definition={"sha256": None, "file": file}, sample=None, snapshot=None,
            ),
            counts=Counts(errors=len(findings)),
            findings=findings,
            coverage=(),
            engine={"version": VERSION, "plugins": []},
        )  # fmt: skip


def _finding(fault: Occurrence, code: Code, resource_id: str) -> Finding:
    identity = "\x1f".join((resource_id, fault.code, "", fault.rule or ""))
    return Finding(
        code=code.id, severity=code.severity, checker=code.family, title=code.title, field=None, fields=(),
        rule=fault.rule, count=1, tolerated=False, hint=fault.hint or code.mend,
        fingerprint=hashlib.sha256(identity.encode()).hexdigest()[:32], details=fault.details,
        samples=(fault.sample(),),
    )  # fmt: skip
