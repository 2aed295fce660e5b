"""The ``oai/*`` codes: what can be wrong with an OAI-PMH repository's answers."""

from __future__ import annotations

from functools import partial

from potable.engine.findings import Code, Severity

_error = partial(Code, severity=Severity.ERROR)
_blocking = partial(Code, severity=Severity.ERROR, blocking=True)
_warning = partial(Code, severity=Severity.WARNING)

PROTOCOL_ERROR = _blocking(
    id="oai/protocol-error",
    title="Repository answers with an error",
    meaning="The repository answers with an OAI-PMH error that has no code of its own here, or with something that "
    "isn't an OAI-PMH response: no XML, another root element, no ListRecords. The message quotes it. A response that "
    "isn't well-formed further on is read up to there (xml/syntax).",
    why="Without a valid response there are no records to judge.",
    example='<error code="badVerb">Illegal verb</error>',
    mend="Check that ingestURL is the repository's base URL, without verb and other arguments; ask it for "
    "?verb=Identify in a browser.",
)
BAD_TOKEN = _blocking(
    id="oai/bad-token",
    title="Resumption token doesn't work",
    meaning="The repository refuses the resumption token that it gave with the page before (badResumptionToken), or "
    "its tokens lead in a circle, or from one empty page to the next.",
    why="The list can't be read to its end: what came looks whole but isn't.",
    example='<error code="badResumptionToken">The token has expired.</error>',
    mend="Try again later, with a shorter sleepTimeSecs if tokens expire; else tell the repository's administrator "
    "which page it was.",
)
INCOMPLETE_LIST = _error(
    id="oai/incomplete-list",
    title="List has fewer records than announced",
    meaning="The list ended with fewer records than the repository announced as completeListSize.",
    why="Records are missing; an ingest would take them for deleted.",
    example='<resumptionToken completeListSize="500"/> behind 480 records',
    mend="Run again; if it stays, tell the repository's administrator that its resumption loses records.",
    misses="A repository that announces no completeListSize. The protocol lets it be an estimate: one that is too high "
    "is found wrongly.",
    dataset=True,
    suppressed_by=("oai/bad-token",),
)
DELETED_RECORDS = _warning(
    id="oai/deleted-records",
    title="Deleted records in the list",
    meaning="The list has records with the status 'deleted': a header without metadata. They aren't counted or "
    "checked as records; this finding counts them.",
    why="What was ingested of them before should go; a list with many of them may be of a repository being emptied.",
    example='<header status="deleted"><identifier>oai:example.org:7</identifier>…</header>',
    mend="Let the ingest remove these records; switch the finding off if it does.",
)
UNKNOWN_PREFIX = _blocking(
    id="oai/unknown-prefix",
    title="Metadata format unknown to the repository",
    meaning="The repository doesn't disseminate records in the format of metadataPrefix; the hint names those that it "
    "has.",
    why="There are no records in that format.",
    example="metadataPrefix: oai-dc   (the repository has oai_dc)",
    mend="Set metadataPrefix to one of the repository's formats.",
)
UNKNOWN_SET = _blocking(
    id="oai/unknown-set",
    title="Set unknown to the repository",
    meaning="The repository doesn't list a set of allowedSetSpecs, or has no sets at all; the hint names likely ones.",
    why="Its records would be missing without a word.",
    example="allowedSetSpecs: physic   (the repository has physics)",
    mend="Correct allowedSetSpecs, or leave it out to harvest all records.",
    misses="An unknown set for which the repository gives records all the same.",
)
DATESTAMP = _warning(
    id="oai/datestamp",
    title="Invalid datestamp",
    meaning="A record's datestamp is missing, isn't a date of the form YYYY-MM-DD or YYYY-MM-DDThh:mm:ssZ in UTC, is "
    "of another granularity than the first one, or lies in the future.",
    why="Harvesters that ask for changes since a date miss such records.",
    example="<datestamp>2024-02-30</datestamp>",
    mend="Tell the repository's administrator.",
)

OAI_CODES: tuple[Code, ...] = (
    PROTOCOL_ERROR, BAD_TOKEN, INCOMPLETE_LIST, DELETED_RECORDS, UNKNOWN_PREFIX, UNKNOWN_SET, DATESTAMP,
)  # fmt: skip
"""All codes of the family."""
